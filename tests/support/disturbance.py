"""Something that happens in the middle of a command: at the n-th step that another process could notice, before it or after it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fluxctl.ledger import Rentals
from fluxctl.providers.runpod.provider import RunpodProvider


class Crash(BaseException):
    """The process is gone: nothing that it would have done afterwards happens."""


def crash() -> None:
    """Be gone."""
    raise Crash


@dataclass
class Disturbance:
    """One thing that happens once. Steps are calls of the API and statements of the ledger, each with a moment before and one after."""

    at: int
    act: Callable[[], None]

    def tick(self) -> None:
        """Count one moment."""
        self.at -= 1
        if self.at == -1:
            self.act()

    def within(self, provider: RunpodProvider) -> None:
        """Let it happen within what a provider does."""
        tenant: Any = provider.tenant
        tenant.__dict__["api"] = _Watched(provider.api, self.tick)
        real = tenant.book

        @contextmanager
        def book() -> Generator[Rentals]:
            with real() as rentals:
                yield Rentals(_watched(rentals.rows, self.tick))

        tenant.book = book


@dataclass
class _Watched:
    """An API whose calls are steps."""

    api: Any
    tick: Callable[[], None]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.api, name)
        return _watched(found, self.tick) if callable(found) and name != "close" else found


def _watched(call: Callable[..., Any], tick: Callable[[], None]) -> Callable[..., Any]:
    def watched(*arguments: Any, **named: Any) -> Any:
        tick()
        result = call(*arguments, **named)
        tick()
        return result

    return watched
