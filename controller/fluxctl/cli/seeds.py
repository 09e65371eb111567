"""Reads the seeds that were typed: `7`, or `7,9,11`."""

from fluxctl.errors import UsageError


def parse_seeds(text: str | None) -> tuple[int, ...]:
    """Given the value of `--seed`, return the seeds, none for None; raise UsageError for what is no whole number."""
    if text is None:
        return ()
    parts = [part.strip() for part in text.split(",")]
    try:
        return tuple(int(part) for part in parts)
    except ValueError as error:
        why = f"--seed {text!r} is not a whole number, nor several with commas between"
        raise UsageError(why, hint="--seed 7 or --seed 7,9,11", code="bad_seed") from error
