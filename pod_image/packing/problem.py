"""What stops `make image` or `make push`: what happened, why, and the next thing to type."""

import sys
from collections.abc import Callable


class Problem(Exception):
    """`hint` is the next command to type."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def run(work: Callable[[], None]) -> int:
    """Do the work; on a Problem say it on stderr as fluxctl does. Return the exit code: 0, 2, or 130 after Ctrl-C."""
    try:
        work()
    except Problem as problem:
        sys.stderr.write(f"error: {problem}\n→ {problem.hint}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    return 0


def say(line: str) -> None:
    """Tell the person something, on stderr."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
