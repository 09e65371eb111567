"""How a service asks the person: as a Protocol, so that it prints nothing itself."""

from collections.abc import Sequence
from typing import Protocol

from fluxctl.errors import DeclinedError


class NoAnswerError(DeclinedError):
    """No more answers come: the end of input (Ctrl-D)."""


class Questions(Protocol):
    """A person who may be asked, or nobody. Each method but `tell` may only be called where `can_ask` is true.

    They raise NoAnswerError when no more answers come.
    """

    @property
    def can_ask(self) -> bool:
        """Return whether somebody can answer."""
        ...

    def tell(self, line: str) -> None:
        """Say something that needs no answer."""
        ...

    def text(self, question: str) -> str:
        """Return what was typed, "" for nothing."""
        ...

    def secret(self, question: str) -> str:
        """Return what was typed, which the terminal does not show; "" for nothing."""
        ...

    def agrees(self, question: str) -> bool:
        """Return whether the person says yes; nothing typed is no."""
        ...

    def choose(self, question: str, options: Sequence[str]) -> int:
        """Return the place of the chosen option; it is asked until one is named."""
        ...
