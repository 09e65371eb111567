"""The worker's HTTP API, version 1."""
