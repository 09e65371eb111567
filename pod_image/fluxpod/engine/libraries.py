"""Imports torch, diffusers and transformers late, for the engine's thread, and keeps their talk out of the log.

They are taken as untyped: their own annotations are too partial for a strict checker.
"""

import importlib
import logging
import os
from pathlib import Path
from typing import Any

_NOISE = ("The following part of your input was truncated", "Token indices sequence length is longer")
"""diffusers names a text that T5 did read, and repeats the prompt; the worker counts for itself."""
_WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "10000"}
"""How torch's threads wait for each other between two operations: spin some tens of microseconds, then sleep.

Seconds a picture of the embedded model on two cores, alone and beside a busy process: GNU OpenMP's own spinning 0.94 and 10 to 35,
sleeping at once 1.86 and 1.6, so many spins 0.97 and 4. GOMP_SPINCOUNT goes before the policy where the library is GNU's.
"""
_CONTROL_GROUP = Path("/sys/fs/cgroup/cpu.max")
_TALKERS = ("diffusers.pipelines.flux.pipeline_flux", "transformers.tokenization_utils_base", "transformers.tokenization_utils_tokenizers")


def import_module(name: str) -> Any:
    """Given the name of a heavy library, return it."""
    return importlib.import_module(name)


def prepare() -> None:
    """Import the libraries and set how they talk and how many processor cores they use."""
    for name, value in _WAITING.items():
        os.environ.setdefault(name, value)
    torch = import_module("torch")
    torch.set_num_threads(min(torch.get_num_threads(), usable_cores()))
    for library in ("diffusers", "transformers"):
        import_module(f"{library}.utils.logging").disable_progress_bar()
    talk = import_module("transformers.utils.logging")
    talk.set_verbosity_error()  # it would miss torchvision, which FLUX does not need
    import_module("diffusers").FluxPipeline  # noqa: B018 (the attribute is what imports it)
    talk.set_verbosity_warning()
    for name in _TALKERS:
        logging.getLogger(name).addFilter(_is_worth_logging)


def usable_cores() -> int:
    """Return how many cores this process may use: a container's share, not the host's."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(affinity, _control_group_cores() or affinity))


def _control_group_cores() -> int | None:
    try:
        quota, period = _CONTROL_GROUP.read_text("ascii").split()
        return None if quota == "max" else -(-int(quota) // int(period))
    except (OSError, ValueError):
        return None


def _is_worth_logging(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(_NOISE)
