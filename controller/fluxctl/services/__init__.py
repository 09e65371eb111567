"""The verbs: what a command does, without printing and without HTTP."""
