"""Faults on demand: on which call, before or after it took effect, how often; and what goes wrong."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.cloud import graphql_api
from tests.cloud.answer import GRAPHQL, Answer, Planned, of_json, page, problem
from tests.cloud.refusal import WORDINGS, Refusal

AFTER = "_after_effect"
DROPS = {"reset", "timeout", "cut"}
"""Nothing, or no whole answer, comes back."""
LATE = "late"
ANSWERS = {"401", "403", "410", "429", "500", "502", "503", "524", "html", "errors", "null", "unauthorized"}
OPERATIONS = {
    *("create", "list", "get", "terminate", "stop", "start", "restart", "offers", "account", "volumes", "create_volume"),
    *("delete_volume", "data_centers", "logs", "billing"),
}
ANY = "any"
HTML = {"502": "Bad gateway", "503": "Service temporarily unavailable", "524": "A timeout occurred", "html": "Checking your browser"}


@dataclass
class Fault:
    """One thing that goes wrong."""

    on: frozenset[str]
    what: str
    after_effect: bool = False
    times: int | None = 1
    """None: for ever."""
    skip: int = 0
    """So many calls go well before."""
    via: str = ""
    """`graphql` or `rest`; empty: either."""
    seconds: float = 0.0
    """How long a time-out holds the connection; how much later a late rent takes effect."""
    message: str = ""
    code: str = ""
    retry_after_seconds: int | None = None
    then: Callable[[], None] | None = None
    """Called before the answer goes back."""
    happened: int = 0

    def fits(self, planned: Planned, via: str) -> bool:
        """Whether it is for this call."""
        return (ANY in self.on or bool(self.on & planned.operations)) and self.via in ("", via)

    def answer(self, planned: Planned, via: str) -> Answer:
        """Return what comes back in place of the true answer."""
        if self.what in HTML:
            return page(200 if self.what == "html" else int(self.what), self.message or HTML[self.what])
        if self.what == "null":
            return of_json(200, {"data": dict.fromkeys(planned.roots)} if via == GRAPHQL else None)
        if self.what in ("errors", "unauthorized"):
            return self._errors(planned, via, "Unauthorized" if self.what == "unauthorized" else "")
        if self.what in WORDINGS:
            wording = Refusal(self.what, self.message).wording
            if via == GRAPHQL:
                return graphql_api.errors(200, wording.message, self.code or wording.code, planned.roots)
            return problem(wording.status, wording.message)
        return self._status(via)

    def _errors(self, planned: Planned, via: str, words: str) -> Answer:
        message = self.message or words or "Something went wrong. Please try again later or contact support."
        if via == GRAPHQL:
            return graphql_api.errors(200, message, self.code or "INTERNAL_SERVER_ERROR", planned.roots)
        return problem(403 if words else 500, message)

    def _status(self, via: str) -> Answer:
        status = int(self.what)
        words = {
            401: "invalid bearer token",
            403: "access denied",
            410: "This API has been retired",
            429: "rate limit exceeded for the minute window",
        }
        detail = self.message or words.get(status, "internal server error")
        headers = {"Retry-After": str(self.retry_after_seconds)} if self.retry_after_seconds is not None else {}
        if via == GRAPHQL:
            return of_json(status, {"errors": [{"message": detail}]}, headers)
        return problem(status, detail, headers=headers)


@dataclass
class Faults:
    """All that is laid down, the oldest first."""

    waiting: list[Fault] = field(default_factory=list[Fault])
    all: list[Fault] = field(default_factory=list[Fault])

    def add(self, on: str | Iterable[str], what: str, **how: object) -> Fault:
        """Lay one down; `what` may end in `_after_effect`."""
        kind = what.removesuffix(AFTER)
        names = frozenset([on] if isinstance(on, str) else on)
        assert kind in DROPS | ANSWERS | set(WORDINGS) | {LATE}, f"no fault is called {kind}"
        assert names <= OPERATIONS | {ANY}, f"no call is called {names - OPERATIONS}"
        fault = Fault(names, kind, after_effect=what.endswith(AFTER), **how)  # pyright: ignore[reportArgumentType]
        self.waiting.append(fault)
        self.all.append(fault)
        return fault

    def clear(self) -> None:
        """Let everything go well from now on."""
        self.waiting.clear()

    def take(self, planned: Planned, via: str) -> Fault | None:
        """Return the fault of this call, None if it is to go well."""
        for fault in self.waiting:
            if not fault.fits(planned, via):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                return None
            fault.happened += 1
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
            return fault
        return None
