"""Decides which variables reach whom: children of the entrypoint, and people who log in over SSH."""

import os
import re
import shlex
from collections.abc import Mapping

from fluxpod.pod_contract import HOST_KEY, SECRET_VARIABLES

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_OF_THE_SESSION = frozenset({"HOME", "USER", "LOGNAME", "SHELL", "TERM", "PWD", "OLDPWD", "SHLVL", "MAIL", "_"})
_SHORTEST_SECRET = 6
SESSION = """\
# Written by fluxpod: every session gets the environment of the container, without its secrets.
. {environment}
if [ -n "${{SSH_ORIGINAL_COMMAND-}}" ]; then
    command=$SSH_ORIGINAL_COMMAND
    unset SSH_ORIGINAL_COMMAND
    exec "$SHELL" -c "$command"
fi
exec "$SHELL" -l
"""


def for_worker(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the worker's environment: it serves people's wishes, so it gets no key of the account and no host key."""
    return without(variables, HOST_KEY, "RUNPOD_API_KEY")


def for_watchdog(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the watchdog's environment."""
    return without(variables, HOST_KEY, "HF_TOKEN")


def without(variables: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return variables but for these."""
    return {name: value for name, value in variables.items() if name not in names}


def for_sessions(variables: Mapping[str, str]) -> bytes:
    """Return a shell script that sets what a session gets: any value, whatever it holds, reaches the shell unchanged."""
    told = sorted((name, value) for name, value in variables.items() if _reaches_sessions(name))
    return b"".join(os.fsencode(f"export {name}={shlex.quote(value)}\n") for name, value in told)


def secrets_in(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return what must not appear in a log, the longest first; of a key of several lines, each line."""
    lines = {line.strip() for name in SECRET_VARIABLES for line in variables.get(name, "").splitlines()}
    wanted = (line for line in lines if len(line) >= _SHORTEST_SECRET and not line.startswith("-----"))
    return tuple(sorted(wanted, key=len, reverse=True))


def _reaches_sessions(name: str) -> bool:
    if name in SECRET_VARIABLES or name in _OF_THE_SESSION or name.startswith("SSH_"):
        return False
    return _NAME.fullmatch(name) is not None
