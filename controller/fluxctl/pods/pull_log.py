"""Reads the market's own log of a pod: how far the pull is, and whether it fails again and again (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

REPEATS = 3
"""So many complaints of one kind are no accident: the market tries for ever, every 15 s."""
_COMPLAINT = re.compile(
    r"toomanyrequests|failed to pull|error pulling|error creating container|manifest (?:unknown|not found)|access denied|no such image"
    r"|layer does not exist|failed to register layer|unsatisfied condition|exec format error|no space left",
    re.IGNORECASE,
)
_EVERYWHERE = re.compile(
    r"manifest (?:unknown|for .* not found|not found)|access denied|repository does not exist|exec format error", re.IGNORECASE
)
"""What the next host would say as well: the image itself is at fault."""
_CONSEQUENCE = re.compile(r"no such image", re.IGNORECASE)
"""Follows every pull that failed, and says nothing of why."""
_BEGAN = re.compile(r"start container", re.IGNORECASE)
_LONGEST_SHOWN = 200


@dataclass(frozen=True)
class Complaint:
    """Why the container does not come about."""

    text: str
    times: int
    everywhere: bool
    """No other machine would fare better."""

    @property
    def is_loop(self) -> bool:
        """Return whether waiting is of no use."""
        return self.times >= REPEATS


def complaint_in(lines: Sequence[str]) -> Complaint | None:
    """Given the log's last lines, return what they complain of; None when there is nothing."""
    complaints = [line for line in lines if _COMPLAINT.search(line)]
    if not complaints:
        return None
    causes = [line for line in complaints if not _CONSEQUENCE.search(line)] or complaints
    telling = next((line for line in reversed(causes) if _EVERYWHERE.search(line)), causes[-1])
    alike = sum(_gist(line) == _gist(telling) for line in complaints)
    return Complaint(shown(telling), alike, _EVERYWHERE.search(telling) is not None)


def container_began(lines: Sequence[str]) -> bool:
    """Return whether the log's last lines say that the container was started."""
    return any(_BEGAN.search(line) for line in lines)


def shown(line: str) -> str:
    """Return a line for people: printable, without what moves the cursor, not too long."""
    text = " ".join("".join(character if character.isprintable() else " " for character in line).split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def last_line(lines: Sequence[str]) -> str:
    """Return the newest line that says something, "" when there is none."""
    return next((text for line in reversed(lines) if (text := shown(line))), "")


def _gist(line: str) -> str:
    """Return a line without times, ids and counts, so that the same complaint reads the same."""
    return re.sub(r"[0-9a-f]{8,}|[0-9]+", "", line.lower()).strip()
