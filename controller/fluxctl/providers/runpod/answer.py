"""What came of one HTTP call: status, headers and body as they came, or why none did. It holds secrets, and shows none."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, cast

from fluxctl.providers.runpod.hidden import Hidden

LARGEST_ANSWER_BYTES = 20_000_000
LONGEST_RETRY_AFTER_SECONDS = 3600.0


@dataclass(frozen=True)
class Answer:
    """One call's end. `status` is None where no answer came."""

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Names in lower case."""
    body: bytes = field(default=b"", repr=False)
    sent: bool = True
    """False: no connection came about, so that the other side cannot have done anything."""
    failure: str = ""
    """Why no answer came, in words that hold nothing of the request."""
    hidden: Hidden = field(default_factory=Hidden)

    @cached_property
    def document(self) -> Any:
        """Return what the body says as JSON, None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def fields(self) -> Mapping[str, Any]:
        """Return the JSON object in the body, empty where there is none."""
        document = self.document
        return cast("dict[str, Any]", document) if isinstance(document, dict) else {}

    @property
    def served_at(self) -> float | None:
        """Return the other side's clock, in seconds since 1970 (UTC), None where it does not tell."""
        return _moment(self.headers.get("date", ""))

    @property
    def retry_after_seconds(self) -> float | None:
        """Return how long the other side asks to be left alone, None where it does not."""
        said = self.headers.get("retry-after", "").strip()
        try:
            seconds = float(said)
        except ValueError:
            return self._until(said)
        return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS) if math.isfinite(seconds) else None

    def _until(self, said: str) -> float | None:
        """Return the seconds until a date, which is the header's other form."""
        until, now = _moment(said), self.served_at
        return None if until is None or now is None else min(max(until - now, 0.0), LONGEST_RETRY_AFTER_SECONDS)


def _moment(said: str) -> float | None:
    """Return a date of HTTP's as seconds since 1970 (UTC), None where it is none."""
    try:
        moment = parsedate_to_datetime(said)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def no_answer(failure: str, *, sent: bool, hidden: Hidden) -> Answer:
    """Given why no answer came, return that as one."""
    return Answer(None, sent=sent, failure=hidden.clean(failure), hidden=hidden)
