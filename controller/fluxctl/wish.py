"""A wish: what the person said, nothing invented; None and empty mean that nothing was said."""

from dataclasses import dataclass

from fluxctl.recipe import Recipe


@dataclass(frozen=True)
class Wish:
    """The flags of one `gen`, before settings fill in the rest."""

    prompts: tuple[str, ...] = ()
    """One job each; empty only together with `recipe`."""
    model: str | None = None
    preset: str | None = None
    size: str | None = None
    """A named size, or `WIDTHxHEIGHT` in pixels."""
    steps: int | None = None
    guidance: float | None = None
    seeds: tuple[int, ...] = ()
    count: int | None = None
    """Pictures for each prompt; seeds count up from the first."""
    recipe: Recipe | None = None
    """Read from the picture of `--from`; what else was said goes before it."""
