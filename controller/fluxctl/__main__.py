"""Where a shell enters: `fluxctl`, and `python -m fluxctl`."""

import os
import sys
from pathlib import Path
from typing import TextIO, cast


def run() -> None:
    """Run the command that was typed, and leave with its exit code."""
    try:
        from fluxctl.cli.main import main
        from fluxctl.environment import Environment

        code = main(sys.argv[1:], Environment(stdin=_open(sys.stdin, "r"), stdout=_open(sys.stdout, "w"), stderr=_open(sys.stderr, "w")))
    except KeyboardInterrupt:  # so early, or so late, that no command can say more
        code = 130
    sys.exit(code)


def _open(stream: TextIO | None, mode: str) -> TextIO:
    """Return the stream, or one that holds nothing where the shell closed it (`fluxctl gen … >&-`)."""
    return stream or cast(TextIO, Path(os.devnull).open(mode, encoding="utf-8"))


if __name__ == "__main__":
    run()
