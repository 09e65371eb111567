"""Follows a log file on this computer, as `tail -F` does."""

from collections.abc import Callable, Iterator
from pathlib import Path

from fluxctl.providers.local_process import tail

POLL_SECONDS = 0.2


def followed_file(log: Path, lines: int, *, lives: Callable[[], bool], sleep: Callable[[float], None]) -> Iterator[str]:
    """Yield the last lines of a log, then each new one as it is written, until nobody lives who could write one."""
    place = log.stat().st_size if log.exists() else 0
    yield from tail(log, lines).lines
    rest = b""
    while True:
        goes_on = lives()  # asked first: what is written until then is still shown
        if log.exists():
            size = log.stat().st_size
            with log.open("rb") as stream:
                stream.seek(place if place <= size else 0)
                *whole, rest = (rest + stream.read()).split(b"\n")
                place = stream.tell()
            yield from (line.decode("utf-8", "replace") for line in whole)
        if not goes_on:
            break
        sleep(POLL_SECONDS)
    if rest:
        yield rest.decode("utf-8", "replace")
