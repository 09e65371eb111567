"""Tells how a training run gets on: the means of what its last steps measured, and the seconds that each took."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field

from fluxpod.embedded.telling import tell


@dataclass
class Pace:
    """One line every so many steps."""

    every_steps: int
    last: int
    """The step, counted from 1, at which the run ends."""
    silent: bool = False
    """One of several processes tells it for all."""
    _sums: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _count: int = 0
    _began: float = field(default_factory=time.monotonic)

    def note(self, name: str, step: int, **measured: float) -> None:
        """Add what a step (counted from 1) of a part of this name measured; tell and begin anew when it is time."""
        self._count += 1
        for what, value in measured.items():
            self._sums[what] += value
        if self._count < self.every_steps:
            return
        if not self.silent:
            means = ", ".join(f"{what.replace('_', ' ')} {total / self._count:.4f}" for what, total in self._sums.items())
            seconds = (time.monotonic() - self._began) / self._count
            tell(f"{name} step {step}/{self.last} {means}, {seconds:.2f} s a step")
        self._sums.clear()
        self._count, self._began = 0, time.monotonic()
