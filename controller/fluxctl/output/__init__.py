"""The one sink: text, tables, progress, JSON, errors."""
