"""Prompts before a worker reads them: lines of a file, alternatives, and the text that fits into CLIP."""
