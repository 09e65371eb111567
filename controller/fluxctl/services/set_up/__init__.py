"""Setting up: asks for what is missing, checks it, and keeps it."""
