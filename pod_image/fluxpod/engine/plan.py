"""Decides how the engine runs here, and says it: device, precision, versions."""

import platform
from dataclasses import dataclass
from typing import Any

from fluxpod.engine.libraries import import_module
from fluxpod.protocol import EnginePlan

_PACKAGES = ("torch", "diffusers", "transformers")


@dataclass(frozen=True)
class Placement:
    """Where the model lies: torch's device and dtype, and the plan that names them."""

    device: Any
    dtype: Any
    plan: EnginePlan


def place() -> Placement:
    """Return the placement on this machine: bfloat16 on its GPU if torch sees one, otherwise float32 on its processor."""
    torch = import_module("torch")
    versions: dict[str, str] = {name: str(import_module(name).__version__) for name in _PACKAGES}
    if torch.cuda.is_available():
        versions["cuda"] = str(torch.version.cuda)
        plan = EnginePlan(device=str(torch.cuda.get_device_name(0)), precision="bfloat16", versions=versions)
        return Placement(torch.device("cuda"), torch.bfloat16, plan)
    threads = torch.get_num_threads()
    device = f"cpu {platform.machine()} {torch.backends.cpu.get_cpu_capability()}, {threads} thread{'s' if threads != 1 else ''}"
    return Placement(torch.device("cpu"), torch.float32, EnginePlan(device=device, precision="float32", versions=versions))
