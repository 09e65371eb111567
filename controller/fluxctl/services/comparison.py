"""Compares what was made with the picture of `--from`, where it was the same recipe."""

from fluxctl.pictures.stored import StoredPicture
from fluxctl.services.listener import Listener
from fluxctl.services.outcome import Made, Outcome


def compare(original: StoredPicture | None, outcome: Outcome, listener: Listener) -> None:
    """Say whether the picture of `--from` came out the same, where it was the same recipe."""
    if original is None or original.record.sha256 is None:
        return
    made = next((made for made in outcome.pictures if made.recipe == original.record.recipe), None)
    if made is None:
        return
    if made.result.sha256 == original.record.sha256:
        listener.note(f"the pixels are those of {original.path}")
    elif made.result.plan == original.record.plan:
        listener.warn(f"the pixels differ from {original.path}, although recipe and engine plan are the same")
    else:
        listener.note(f"the pixels differ from {original.path}: it was made under another engine plan ({_difference(original, made)})")


def _difference(original: StoredPicture, made: Made) -> str:
    """Return what differs between two engine plans, as `name: then → now`."""
    then = original.record.plan.model_dump() if original.record.plan else {}
    now = made.result.plan.model_dump()
    flat = [{**plan, **plan.get("versions", {})} for plan in (then, now)]
    names = [name for name in {**flat[0], **flat[1]} if name != "versions" and flat[0].get(name) != flat[1].get(name)]
    return ", ".join(f"{name}: {flat[0].get(name)} → {flat[1].get(name)}" for name in names)
