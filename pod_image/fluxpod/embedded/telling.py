"""Prints a line of a long run at once, so that a log can be followed."""

from __future__ import annotations


def tell(line: str) -> None:
    """One line on standard output."""
    print(line, flush=True)  # noqa: T201 - training and scoring are programs of their own, no sink stands behind them
