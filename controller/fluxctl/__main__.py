"""Where a shell enters: `fluxctl`, and `python -m fluxctl`."""

import gc
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO, cast

OBJECTS_BETWEEN_COLLECTIONS = 200_000
"""Python's own 700 costs a tenth of a command's start: libraries and vocabularies are objects that stay."""


def run() -> None:
    """Run the command that was typed, and leave with its exit code."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    try:
        from fluxctl.cli.main import main
        from fluxctl.environment import Environment

        code = main(sys.argv[1:], Environment(stdin=_open(sys.stdin, "r"), stdout=_open(sys.stdout, "w"), stderr=_open(sys.stderr, "w")))
    except KeyboardInterrupt:  # so early, or so late, that no command can say more
        code = 130
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)  # the interpreter would first take every library apart, which takes 0.05 s and serves nobody


def _open(stream: TextIO | None, mode: str) -> TextIO:
    """Return the stream, or one that holds nothing where the shell closed it (`fluxctl gen … >&-`)."""
    return stream or cast(TextIO, Path(os.devnull).open(mode, encoding="utf-8"))


if __name__ == "__main__":
    run()
