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
    clip_prompt: str | None = None
    """What CLIP reads, set by hand; None: the prompt, as far as it fits."""
    negative: str | None = None
    """What the picture must not show; needs `true_cfg` over 1."""
    true_cfg: float | None = None
    recipe: Recipe | None = None
    """Read from the picture of `--from`; what else was said goes before it."""
    out: str | None = None
    """Where the pictures go, if a line of a prompt file says so."""
    where: str = ""
    """The line of a prompt file that says it: `prompts.jsonl:3`."""
