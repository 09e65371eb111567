"""Reads a file with an SSH key: its public half, whether a passphrase guards it, and whether others could read it."""

import base64
import binascii
import hashlib
import re
import shlex
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fluxctl.link.errors import KeyFileError
from fluxctl.link.ssh_process import run
from fluxctl.windows import mounts, on_windows_drive

_PUBLIC = re.compile(r"(?:\S+ )??((?:ssh-|ecdsa-|sk-)[A-Za-z0-9@.-]+) (AAAA[A-Za-z0-9+/]+={0,3})(?: |$)")
_OPENSSH = re.compile(r"-----BEGIN OPENSSH PRIVATE KEY-----\s(.*?)-----END", re.DOTALL)
_MAGIC = b"openssh-key-v1\0"
LARGEST_KEY_BYTES = 65_536


@dataclass(frozen=True)
class KeyFile:
    """A private key on disk."""

    path: Path
    public_key: str
    """Type and key, without comment."""
    needs_passphrase: bool


def read_private_key(path: Path, variables: Mapping[str, str]) -> KeyFile:
    """Given a private key's path, return what is known of it; raise KeyFileError when others can read it, or it is none."""
    refuse_windows_drive(path)
    text = _read(path)
    mode = path.stat().st_mode
    if mode & 0o077:
        raise KeyFileError(
            f"{path} is a private key, and others on this computer can read it", hint=f"chmod 600 {shlex.quote(str(path))}", code="open_key"
        )
    found = _from_openssh(text)
    if found is not None:
        return KeyFile(path, *found)
    if "PRIVATE KEY-----" not in text:
        why = "it is a public key; name the private one" if public_key(text) else "it is no private key that OpenSSH reads"
        raise KeyFileError(f"{path}: {why}", hint="fluxctl config show", code="bad_key")
    return KeyFile(path, *_from_older(path, text, variables))


def read_public_key(path: Path) -> str:
    """Given the path of a `.pub` file, return type and key; raise KeyFileError if it holds none."""
    found = public_key(_read(path))
    if found is None:
        raise KeyFileError(f"{path} holds no public key that OpenSSH reads", hint=f"ls -l {shlex.quote(str(path))}", code="bad_key")
    return found


def public_key(text: str) -> str | None:
    """Given text, return the first public key in it as type and key; None if there is none."""
    found = next(filter(None, (_PUBLIC.match(line.strip()) for line in text.splitlines())), None)
    return f"{found[1]} {found[2]}" if found else None


def fingerprint(key: str) -> str:
    """Given a public key, return its SHA256 fingerprint as ssh writes it."""
    try:
        raw = base64.b64decode(key.split(" ")[1])
    except (IndexError, binascii.Error):
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")


def refuse_windows_drive(path: Path) -> None:
    """Raise KeyFileError if a private key lies on a Windows drive, where everybody could read it."""
    if on_windows_drive(path.resolve(), mounts()):
        quoted, name = shlex.quote(str(path)), shlex.quote(path.name)
        raise KeyFileError(
            f"{path} lies on a Windows drive, where a private key cannot be kept from others",
            hint=f"cp {quoted} ~/.ssh/{name} && chmod 600 ~/.ssh/{name}, and name that one (SSH_KEY=~/.ssh/{name})",
            code="windows_drive",
        )


def _read(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise KeyFileError(f"{path} is no file", hint=f"ls -ld {shlex.quote(str(path))}", code="bad_key")
        with path.open("rb") as file:
            return file.read(LARGEST_KEY_BYTES).decode("utf-8", "replace")
    except OSError as error:
        hint = f"ls -l {shlex.quote(str(path))}"
        raise KeyFileError(f"{path} cannot be read: {error.strerror}", hint=hint, code="unreadable_key") from error


def _from_openssh(text: str) -> tuple[str, bool] | None:
    """Return public key and whether there is a passphrase, from OpenSSH's own format, which keeps both in the clear; else None."""
    found = _OPENSSH.search(text)
    if found is None:
        return None
    try:
        raw = base64.b64decode("".join(found[1].split()))
        if not raw.startswith(_MAGIC):
            return None
        cipher, rest = _string(raw[len(_MAGIC) :])
        _, rest = _string(rest)
        _, rest = _string(rest)
        blob, _ = _string(rest[4:])
        kind, _ = _string(blob)
    except (ValueError, IndexError):
        return None
    return f"{kind.decode('ascii', 'replace')} {base64.b64encode(blob).decode()}", cipher != b"none"


def _string(raw: bytes) -> tuple[bytes, bytes]:
    """Split off one string with its length before it; raise IndexError when it is cut."""
    length = int.from_bytes(raw[:4], "big")
    if len(raw) < 4 + length:
        raise IndexError
    return raw[4 : 4 + length], raw[4 + length :]


def _from_older(path: Path, text: str, variables: Mapping[str, str]) -> tuple[str, bool]:
    """Return the same for a PEM file: the public half stands beside it, or ssh-keygen works it out."""
    ran = run(["ssh-keygen", "-y", "-P", "", "-f", str(path)], variables)
    found = public_key(ran.out) if ran.code == 0 else None
    if found is not None:
        return found, False
    beside = path.with_name(f"{path.name}.pub")
    if beside.is_file():
        return read_public_key(beside), "ENCRYPTED" in text
    raise KeyFileError(
        f"the public half of {path} cannot be told",
        hint=f"ssh-keygen -y -f {shlex.quote(str(path))} > {shlex.quote(str(beside))}",
        code="bad_key",
    )
