"""How long a container takes from its start to `ready`, beside a bare python in the same image that imports and loads the same."""

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

IMAGE = os.environ.get("TEST_POD_IMAGE", "fluxctl-pod:cpu")
BARE = """
from pathlib import Path
import torch, transformers, accelerate, fastapi, uvicorn
from diffusers import FluxPipeline
from fluxpod.embedded.folder import embedded_model_folder
FluxPipeline.from_pretrained(embedded_model_folder(Path("/workspace/.cache")), torch_dtype=torch.float32)
"""


def has_image() -> bool:
    """Return whether Docker answers and has the image."""
    try:
        return subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True).returncode == 0
    except OSError:
        return False


def to_ready(volume: str) -> float:
    """Return the seconds from `docker run` to the phase `ready`, with the model's folder on the volume."""
    from tests.support.docker_engine import Container, contract

    container = Container(contract(), options=("--volume", f"{volume}:/workspace"))
    begun = time.perf_counter()
    try:
        container.start().wait_for("ready")
        return time.perf_counter() - begun
    finally:
        container.remove()


def bare(volume: str) -> float:
    """Return the seconds of `docker run … python -c` that imports the same libraries and loads the same folder."""
    words = ["run", "--rm", "--network", "host", "--volume", f"{volume}:/workspace", "--entrypoint", "/opt/venv/bin/python", IMAGE]
    begun = time.perf_counter()
    subprocess.run(["docker", *words, "-P", "-c", BARE], check=True, capture_output=True)
    return time.perf_counter() - begun


def measure(rounds: int = 5) -> tuple[list[float], list[float]]:
    """Return the seconds of containers and of bare pythons, taken in turn after one round that does not count."""
    volume = f"fluxctl-bench-{uuid.uuid4().hex[:8]}"
    times: tuple[list[float], list[float]] = ([], [])
    try:
        for number in range(rounds + 1):
            pair = to_ready(volume), bare(volume)
            if number:
                for taken, place in zip(pair, times, strict=True):
                    place.append(taken)
    finally:
        subprocess.run(["docker", "volume", "rm", "--force", volume], check=False, capture_output=True)
    return times


if __name__ == "__main__":
    ready, plain = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    sys.stdout.write(f"{ready}\n{plain}\n")
