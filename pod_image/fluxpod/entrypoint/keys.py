"""Keys of sshd: who may log in, and which key it shows itself."""

import base64
import binascii
import hashlib
import os
import re
import subprocess
from pathlib import Path

from fluxpod.whole_files import write_whole

_KEY = re.compile(
    r"(?:^|\s)(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)\s+(\S+)"
)
_PATIENCE_SECONDS = 20


class UnusableKeyError(Exception):
    """A key cannot be used; the text says why, without the key."""


def usable_keys(public_key: str) -> tuple[list[str], list[str]]:
    """Given lines for authorized_keys, return those that hold a key, and one sentence about each other one."""
    good: list[str] = []
    problems: list[str] = []
    for number, line in enumerate(public_key.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if _holds_key(line):
            good.append(line)
        else:
            problems.append(f"PUBLIC_KEY, line {number}: no public key of OpenSSH; the line is left out")
    if not good:
        problems.append("PUBLIC_KEY holds no key: nobody can log in over SSH")
    return good, problems


def _holds_key(line: str) -> bool:
    found = _KEY.search(line)
    if found is None or "\0" in line:
        return False
    kind, blob = found[1].encode(), found[2]
    try:
        content = base64.b64decode(blob, validate=True)
    except (binascii.Error, ValueError):
        return False
    named = len(kind).to_bytes(4, "big") + kind
    return content.startswith(named) and len(content) > len(named)


def write_host_key(given: str, file: Path) -> str:
    """Given a private key, keep it for sshd, and return its public half's fingerprint; raise UnusableKeyError or OSError."""
    text = given if "\n" in given.strip() else given.replace("\\n", "\n")  # some ways of setting a variable keep it on one line
    aside = file.with_name(f"{file.name}.given")
    write_whole(aside, os.fsencode(f"{text.strip()}\n".replace("\r", "")))
    try:
        fingerprint = _fingerprint(aside)
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
    return fingerprint


def own_host_key(file: Path) -> str:
    """Return the fingerprint of the key that an earlier start made, or of a new one; raise UnusableKeyError or OSError."""
    if file.is_file():
        try:
            return _fingerprint(file)
        except UnusableKeyError:
            file.unlink()
    _ssh_keygen("-q", "-t", "ed25519", "-N", "", "-C", "fluxpod", "-f", str(file))
    return _fingerprint(file)


def _fingerprint(private: Path) -> str:
    words = _ssh_keygen("-y", "-P", "", "-f", str(private)).split()
    if len(words) < 2 or words[0] != "ssh-ed25519":
        raise UnusableKeyError("it is no ed25519 key")
    digest = hashlib.sha256(base64.b64decode(words[1])).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def _ssh_keygen(*words: str) -> str:
    try:
        done = subprocess.run(["ssh-keygen", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise UnusableKeyError("ssh-keygen does not come to an end") from error
    if done.returncode:
        raise UnusableKeyError("ssh-keygen cannot read it" if "-y" in words else f"ssh-keygen: {done.stderr.strip()[-200:]}")
    return done.stdout
