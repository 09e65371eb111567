"""Finds the right name that a wrong one was meant to be."""

from collections.abc import Iterable

_ALIKE = 0.6
_MOST_LISTED = 12


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Given a wrong name, return the right one that is most like it, or None if nothing is."""
    import difflib

    folded: dict[str, str] = {}
    for right in names:
        folded.setdefault(right.casefold(), right)
    wanted = name.casefold()
    close = difflib.get_close_matches(wanted, folded, n=1, cutoff=_ALIKE)
    if close:
        return folded[close[0]]
    holding = [right for right in folded if len(wanted) > 1 and wanted in right]
    return folded[min(holding, key=len)] if holding else None


def suggestion(name: str, names: Iterable[str]) -> str:
    """Given a wrong name, return half a sentence that leads on: the nearest right one, then what there is."""
    right = sorted(names)
    close = nearest(name, right)
    listed = f"there is {', '.join(right)}" if 0 < len(right) <= _MOST_LISTED else ""
    return "; ".join(part for part in (f"did you mean {close}?" if close else "", listed) if part)
