"""Lists the stages that the transformer is trained in: from small pictures and short texts to what the pipeline asks for."""

from __future__ import annotations

from dataclasses import dataclass

SHORT_TEXT_TOKENS = 40
LONG_TEXT_TOKENS = 192


@dataclass(frozen=True)
class Stage:
    """So many steps on one mixture of sizes; the learning rate goes from `rate_start` to `rate_end` in a straight line.

    `sizes` holds (width, height, pictures a step and process, weight) in pixels; `long_text` is the share of steps that pad the text to 192
    tokens, as the pipeline does, instead of 40.
    """

    name: str
    steps: int
    sizes: tuple[tuple[int, int, int, float], ...]
    long_text: float
    rate_start: float
    rate_end: float

    def rate(self, share: float) -> float:
        """The learning rate when this share of the stage, 0 to 1, is done."""
        return self.rate_start + (self.rate_end - self.rate_start) * share


SMALL = (128, 128, 64, 1.0)
NATIVE = (256, 256, 24, 1.0)
WIDE, TALL, DOUBLE = (336, 192, 24, 0.1), (192, 336, 24, 0.1), (512, 512, 6, 0.05)

STAGES = (
    Stage("small", 1800, (SMALL, (256, 256, 24, 0.1)), 0.05, 3e-3, 3e-3),
    Stage("native", 1000, (NATIVE, WIDE, TALL, (128, 128, 64, 0.3)), 0.12, 2.5e-3, 1.5e-3),
    Stage("last", 650, (NATIVE, WIDE, TALL, DOUBLE), 0.7, 1.2e-3, 2e-5),
    Stage("large", 600, ((256, 256, 24, 0.6), WIDE, TALL, (384, 384, 12, 0.2), (512, 512, 8, 1.0)), 0.5, 1e-3, 2e-5),
    Stage("shifted", 700, ((256, 256, 24, 0.4), WIDE, TALL, (384, 384, 12, 0.2), (512, 512, 8, 1.2)), 0.4, 1.2e-3, 2e-5),
)


def stage_at(step: int) -> tuple[Stage, float]:
    """The stage that `step` (from 0) belongs to, and the share of it that is done; past the end, the last one at 1."""
    for stage in STAGES:
        if step < stage.steps:
            return stage, step / stage.steps
        step -= stage.steps
    return STAGES[-1], 1.0


def total_steps() -> int:
    """The steps of all stages together."""
    return sum(stage.steps for stage in STAGES)
