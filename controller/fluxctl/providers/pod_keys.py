"""Keeps what only this person knows of a pod: `state/pods/<id>/`, mode 700, with its worker token and its host key, mode 600."""

import base64
import re
import shutil
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from fluxctl.providers.file_trouble import told
from fluxctl.providers.private_file import write_private

_TOKEN = re.compile(r"[\x21-\x7e]+")
"""What can stand in an HTTP header."""
_MAGIC = b"openssh-key-v1\0"
_HOST_KEY = re.compile(r"ssh-ed25519 [A-Za-z0-9+/]+=*")


@dataclass(frozen=True)
class PodKeys:
    """What it takes to reach a pod and to know that it is the right one."""

    worker_token: str = field(repr=False)
    host_key: str
    """Public, `ssh-ed25519 AAAA…`."""


@dataclass(frozen=True)
class PodFolder:
    """One pod's folder in the state."""

    state: Path
    pod_id: str

    @property
    def folder(self) -> Path:
        """Return the folder, which may not exist."""
        return self.state / "pods" / self.pod_id

    def write(self, keys: PodKeys) -> None:
        """Keep a pod's keys; raise ProviderError when that fails."""
        with told(self.folder, "made"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
        write_private(self.folder / "token", keys.worker_token)
        write_private(self.folder / "host_key.pub", f"{keys.host_key}\n")

    def read(self) -> PodKeys | None:
        """Return the keys; None where they are lost, damaged, or where others could read or change them."""
        token, host_key = self._line("token", _TOKEN), self._line("host_key.pub", _HOST_KEY)
        return PodKeys(token, host_key) if token and host_key else None

    def remove(self) -> None:
        """Forget the pod."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _line(self, name: str, pattern: re.Pattern[str]) -> str:
        with suppress(OSError):
            file = self.folder / name
            if not file.stat().st_mode & 0o077:
                text = file.read_bytes().decode("utf-8", "replace").strip()
                return text if pattern.fullmatch(text) else ""
        return ""


def public_half(private: str) -> str:
    """Given an ed25519 key as `ssh-keygen` writes it, return type and public key; "" where that cannot be read.

    The public half stands in the open part of the file: magic, three texts about its cipher, a count, then the key.
    """
    body = "".join(line for line in private.splitlines() if not line.startswith("-----"))
    try:
        data = base64.b64decode(body, validate=True)
        place = len(_MAGIC) if data.startswith(_MAGIC) else len(data)
        for _ in range(3):
            place += 4 + struct.unpack_from(">I", data, place)[0]
        (length,) = struct.unpack_from(">I", data, place + 4)
        line = f"ssh-ed25519 {base64.b64encode(data[place + 8 : place + 8 + length]).decode()}"
    except (ValueError, struct.error):
        return ""
    return line if length and _HOST_KEY.fullmatch(line) else ""
