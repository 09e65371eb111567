"""Reaching a worker: a typed client and its resuming event stream."""
