"""Finds what a process has started: sessions of sshd outlive it otherwise."""

from pathlib import Path


def descendants(process_id: int) -> list[int]:
    """Given a process, return its children, theirs, and so on; empty where the system does not tell."""
    found: list[int] = []
    for task in Path(f"/proc/{process_id}/task").glob("*/children"):
        try:
            children = [int(word) for word in task.read_text().split()]
        except (OSError, ValueError):
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found
