"""Decides which folder the embedded model is loaded from: the trained weights in the package, else random ones in a cache."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

SHIPPED = Path(__file__).parent / "weights"
RANDOM_SEED = 0
_INDEX = "model_index.json"


def embedded_model_folder(cache: Path) -> Path:
    """The folder for `FluxPipeline.from_pretrained`; random weights are built once into `cache` when no trained ones are shipped.

    Two processes may call this at once: each writes beside the target and the first rename wins. Raises OSError when `cache`
    cannot be written.
    """
    return SHIPPED if (SHIPPED / _INDEX).is_file() else random_model_folder(cache, RANDOM_SEED)


def random_model_folder(cache: Path, seed: int) -> Path:
    """A folder below `cache` with an untrained model of the same architecture, built on first use."""
    target = cache / f"embedded-random-{seed}"
    if (target / _INDEX).is_file():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".embedded-", dir=cache))
    try:
        _build_into(aside, seed)
        with contextlib.suppress(OSError):
            aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    if not (target / _INDEX).is_file():
        raise FileNotFoundError(f"{target} exists but holds no model; remove it")
    return target


def _build_into(folder: Path, seed: int) -> None:
    import torch

    from fluxpod.embedded import architecture

    architecture.build(seed).to(torch.float16).save_pretrained(folder)  # pyright: ignore[reportUnknownMemberType]
    folder.chmod(0o755)
