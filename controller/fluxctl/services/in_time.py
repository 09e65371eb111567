"""Asks somebody far away and goes on without the answer when it does not come in time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fluxctl.errors import FluxctlError, ProviderError

Answer = TypeVar("Answer")


@dataclass
class Asked(Generic[Answer]):
    """A question on its way, in a thread of its own. One that never comes back ends with the process."""

    question: Callable[[], Answer]
    _came: threading.Event = field(default_factory=threading.Event, init=False)
    _answer: list[Answer] = field(default_factory=list[Answer], init=False)
    _problem: BaseException | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Ask."""
        threading.Thread(target=self._ask, daemon=True).start()

    def answer(self, seconds: float, whose: str) -> Answer:
        """Return the answer, or raise what the question raised; raise ProviderError when nothing came for so long from `whose`."""
        if not self._came.wait(seconds):
            why = f"{whose} has not answered for {seconds:g} s"
            raise ProviderError(why, hint="check your connection, then try again", code="unreachable")
        if self._problem is not None:
            raise self._problem
        return self._answer[0]

    def _ask(self) -> None:
        try:
            self._answer.append(self.question())
        except BaseException as error:  # noqa: BLE001 - raised again by `answer`, where somebody hears it
            self._problem = error
        self._came.set()


def in_time(question: Callable[[], Answer], seconds: float, whose: str) -> Answer:
    """Ask, and return the answer; raise what the question raised, or ProviderError when nothing came for so long from `whose`."""
    return Asked(question).answer(seconds, whose)


def tried(question: Callable[[], Answer], seconds: float, whose: str) -> tuple[Answer | None, FluxctlError | None]:
    """Return the answer, or why there is none: one question that fails leaves the others."""
    try:
        return in_time(question, seconds, whose), None
    except FluxctlError as error:
        return None, error
