"""Counts how many prompts a model follows, part by part."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fluxpod.embedded.prompts import Asked
from fluxpod.embedded.scoring import Verdict


@dataclass(frozen=True)
class Share:
    """So many right out of so many."""

    right: int
    of: int

    @property
    def percent(self) -> float:
        """The share in percent; nothing asked counts as nothing right."""
        return 100.0 * self.right / self.of if self.of else 0.0

    @property
    def error(self) -> float:
        """One standard error of the share, in percent."""
        share = self.percent / 100
        return 100.0 * math.sqrt(share * (1 - share) / self.of) if self.of else 0.0


@dataclass(frozen=True)
class Score:
    """What a model got right of the prompts it was given."""

    background: Share
    one: Share
    two: Share
    whole: Share

    def lines(self) -> list[str]:
        """A line a part, for people."""
        named = {
            "background": self.background,
            "single shape with colour": self.one,
            "two shapes with relation": self.two,
            "all of it": self.whole,
        }
        return [f"{name:<26}{share.percent:6.1f} %   ({share.right} of {share.of})" for name, share in named.items()]


def measure(asked: list[Asked], verdicts: list[Verdict]) -> Score:
    """Background over all prompts; single figures and pairs over theirs; `whole` wants everything in one picture."""
    both = list(zip(asked, verdicts, strict=True))
    one = [verdict.subject for each, verdict in both if len(each.scene.figures) == 1]
    two = [verdict.subject for each, verdict in both if len(each.scene.figures) == 2]
    background, whole = [verdict.background for verdict in verdicts], [verdict.whole for verdict in verdicts]
    return Score(*(Share(sum(part), len(part)) for part in (background, one, two, whole)))
