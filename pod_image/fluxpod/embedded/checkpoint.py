"""Keeps the state of a training run in one file that is replaced whole, so that a killed run goes on where it was."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch


def save(path: Path, state: dict[str, Any]) -> None:
    """Write `state` beside `path`, then rename it over `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}.tmp")
    torch.save(state, aside)
    aside.replace(path)


def load(path: Path) -> dict[str, Any] | None:
    """The state in `path`, on the CPU, or None when no run has been saved there; refuses pickled code."""
    return torch.load(path, map_location="cpu", weights_only=True) if path.is_file() else None
