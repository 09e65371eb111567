"""The commands: each file parses one group, calls one service, and prints."""
