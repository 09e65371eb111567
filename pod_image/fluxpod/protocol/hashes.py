"""The hashes that both halves compute alike: of a picture's pixels, and of the sources."""

import hashlib
from pathlib import Path


def pixels_sha256(width: int, height: int, rgb: bytes) -> str:
    """Given width and height in pixels and `width * height * 3` bytes of RGB, return the hash that a picture is known by."""
    digest = hashlib.sha256(f"{width}x{height}:".encode())
    digest.update(rgb)
    return digest.hexdigest()


def source_hash() -> str:
    """Return the hash of fluxpod's Python files on disk; the worker keeps it from its start, so that an upgrade shows."""
    folder = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
