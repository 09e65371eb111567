"""Reads config.env: KEY=VALUE lines, with quotes, `export` and comments as a shell knows them, but without expansion."""

import re
from dataclasses import dataclass

from fluxctl.settings.origin import Layer, Origin
from fluxctl.settings.problems import Problem, refuse

_ASSIGNMENT = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)", re.DOTALL)
_QUOTED = re.compile(r"""(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?""")
_ESCAPED = re.compile(r'\\(["\\$`])')


@dataclass(frozen=True)
class Entry:
    """One variable that was set."""

    name: str
    value: str
    origin: Origin


def parsed(text: str, place: str, layer: Layer) -> list[Entry]:
    """Given the text of a config.env, return its variables, the last of each name; raise SettingsError for lines that are none."""
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        match = _ASSIGNMENT.fullmatch(bare)
        value = _value(match[2]) if match else None
        if match is None:
            # The line itself is not shown: it may be a key that lacks its name.
            problems.append(Problem(f"{place}:{number}", "this is not NAME=VALUE"))
        elif value is None:
            problems.append(Problem(f"{place}:{number}", f"the quotes of {match[1]} do not match"))
        else:
            entries[match[1]] = Entry(match[1], value, Origin(layer, place, number, match[1]))
    refuse(problems, hint="write NAME=VALUE there, with quotes around a value that has some, or # before a remark", code="bad_config_env")
    return list(entries.values())


def _value(text: str) -> str | None:
    """Return a value without its quotes or the comment behind it; None if a quote is not closed."""
    if text[:1] not in ("'", '"'):
        return re.split(r"(?:^|\s)#", text, maxsplit=1)[0].strip()
    match = _QUOTED.fullmatch(text)
    if match is None:
        return None
    return match[1] if match[1] is not None else _ESCAPED.sub(r"\1", match[2])
