"""Makes the host key that a pod is created with, so that the very first connection can be checked."""

import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from fluxctl.errors import ProviderError
from fluxctl.link.ssh_process import run

_PUBLIC = re.compile(r"ssh-ed25519 [A-Za-z0-9+/]{60,80}={0,2}")


@dataclass(frozen=True)
class HostKey:
    """A pair of keys of one pod."""

    private: str = field(repr=False)
    """As `ssh-keygen` writes it, several lines. A secret."""
    public: str
    """`ssh-ed25519 AAAA…`"""


def make_host_key() -> HostKey:
    """Return a new ed25519 host key; raise SshMissingError without ssh-keygen, ProviderError when it fails."""
    with tempfile.TemporaryDirectory(prefix="fluxctl-") as folder:
        file = Path(folder) / "host_key"
        ran = run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "fluxctl", "-f", str(file)], os.environ)
        if ran.code != 0:
            raise ProviderError(f"ssh-keygen made no host key: {ran.err.strip() or ran.code}", hint="ssh-keygen -t ed25519")
        return HostKey(file.read_text(), checked_host_key(file.with_suffix(".pub").read_text()))


def checked_host_key(line: str) -> str:
    """Given a line of a public key file, return type and key without the comment; raise ProviderError if it is no ed25519 key."""
    found = _PUBLIC.match(line.strip())
    if found is None:
        raise ProviderError("the pod's host key, as it is kept here, is damaged", hint="fluxctl down, then fluxctl up", code="host_key")
    return found[0]
