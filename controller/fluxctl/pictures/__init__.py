"""Picture files: names, metadata in and out, history, opening."""
