"""Pods in containers on this computer, through the `docker` SDK."""
