"""Sets variables in the text of a config.env and leaves every other character as it is (pure)."""

import re
from collections.abc import Mapping

from fluxctl.errors import SettingsError
from fluxctl.settings import env_file
from fluxctl.settings.origin import Layer

_QUOTED = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*\"""")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=~-]+")


def with_variables(text: str, values: Mapping[str, str], place: str) -> str:
    """Given a file's text, return it with these variables set: in their last line where they have one, else at the end.

    Raise SettingsError for a value that no line can hold, and for a file that is no config.env.
    """
    env_file.parsed(text, place, Layer.USER_CONFIG_ENV)
    for name, value in values.items():
        text = _with_one(text, name, value)
    found = {entry.name: entry.value for entry in env_file.parsed(text, place, Layer.USER_CONFIG_ENV)}
    lost = [name for name, value in values.items() if found.get(name) != value]
    if lost:
        what = f"the value of {', '.join(lost)} cannot be written into {place}"
        raise SettingsError(what, hint="check what was pasted", code="bad_value")
    return text


def _with_one(text: str, name: str, value: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.split("\n")
    head = re.compile(rf"(\s*(?:export\s+)?{re.escape(name)}\s*=\s*)(.*)", re.DOTALL)
    found = [(number, match) for number, line in enumerate(lines) if (match := head.fullmatch(line))]
    if found:
        number, match = found[-1]
        lines[number] = match[1] + _written(value) + _behind(match[2])
        return "\n".join(lines)
    begin = text if not text or text.endswith("\n") else text + newline
    return f"{begin}{name}={_written(value)}{newline}"


def _behind(old: str) -> str:
    """Given what stands behind `NAME=`, return the comment and the line's end that follow its value."""
    end = "\r" if old.endswith("\r") else ""
    quoted = _QUOTED.match(old)
    rest = old[quoted.end() :] if quoted else old
    comment = re.search(r"(?:^|\s)#.*", rest.rstrip())
    return (f"  {comment[0].strip()}" if comment else "") + end


def _written(value: str) -> str:
    """Return a value as a shell would read it back."""
    if _PLAIN.fullmatch(value):
        return value
    if "'" not in value:
        return f"'{value}'"
    return '"' + re.sub(r'(["\\$`])', r"\\\1", value) + '"'
