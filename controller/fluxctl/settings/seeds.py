"""Decides the seeds of a job: one for each picture, counting up from the first."""

from collections.abc import Callable
from dataclasses import dataclass

from fluxctl.errors import UsageError
from fluxctl.settings.limits import shown
from fluxctl.settings.load import Settings
from fluxctl.settings.said import FROM, Said, first, setting
from fluxctl.wish import Wish
from fluxpod.protocol import LARGEST_SEED, MOST_PICTURES_PER_JOB


@dataclass(frozen=True)
class Seeds:
    """One seed for each picture, and what has to be said about them."""

    seeds: tuple[int, ...]
    note: str = ""


def seeds_for(wish: Wish, settings: Settings, draw_seed: Callable[[], int]) -> Seeds:
    """Given a wish, return its seeds; raise UsageError if there are too many, too large ones, or a count beside several."""
    if len(wish.seeds) > 1:
        return _listed(wish)
    count = _count(wish, settings)
    start = _start(wish, settings, draw_seed)
    _check(start)
    if count.value > 1:
        _check(Said(start.value + count.value - 1, f"{start.by}, counted up for {count.value} pictures"))
    return Seeds(tuple(range(start.value, start.value + count.value)))


def _listed(wish: Wish) -> Seeds:
    """The seeds of `--seed 7,9`, in the order in which they were typed."""
    if wish.count is not None:
        raise UsageError(
            "--seed names several seeds, which is one picture each, so --count cannot be said too",
            hint="leave out --count",
            code="seeds_and_count",
        )
    for seed in wish.seeds:
        _check(Said(seed, "--seed"))
    seeds = tuple(dict.fromkeys(wish.seeds))
    if len(seeds) > MOST_PICTURES_PER_JOB:
        raise UsageError(
            f"--seed names {len(seeds)} seeds; the most is {MOST_PICTURES_PER_JOB}", hint="name fewer", code="count_out_of_range"
        )
    twice = len(wish.seeds) - len(seeds)
    return Seeds(seeds, "--seed names a seed more than once; it is made once" if twice else "")


def _start(wish: Wish, settings: Settings, draw_seed: Callable[[], int]) -> Said[int]:
    if wish.seeds:
        return Said(wish.seeds[0], "--seed")
    if wish.recipe:
        return Said(wish.recipe.seed, FROM)
    chosen = settings.values.generate.seed
    return Said(draw_seed(), "drawn") if chosen is None else setting(settings, "generate.seed", chosen)


def _count(wish: Wish, settings: Settings) -> Said[int]:
    below = Said(1, FROM) if wish.recipe else setting(settings, "generate.count", settings.values.generate.count)
    said = first(Said(wish.count, "--count"), below)
    if not 1 <= said.value <= MOST_PICTURES_PER_JOB:
        text = f"a count of {shown(said.value)} ({said.by}) is out of range: 1 to {MOST_PICTURES_PER_JOB} pictures for each prompt"
        raise UsageError(text, hint="--count 4", code="count_out_of_range")
    return said


def _check(said: Said[int]) -> None:
    if not 0 <= said.value <= LARGEST_SEED:
        raise UsageError(
            f"seed {shown(said.value)} ({said.by}) is out of range: 0 to {LARGEST_SEED} (2^63-1)", hint="--seed 7", code="seed_out_of_range"
        )
