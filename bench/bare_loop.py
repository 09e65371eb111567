"""A bare FluxPipeline loop that also saves PNGs: prints the seconds that its pictures took, loading left out."""

import sys
import time
from pathlib import Path

import torch
from diffusers import FluxPipeline


def main(folder: str, prompt: str, out: str, steps: int, size: int, pictures: int) -> None:
    """Make the pictures one after the other."""
    pipeline = FluxPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    options = {"width": size, "height": size, "num_inference_steps": steps, "max_sequence_length": 192}
    pipeline(prompt, **{**options, "num_inference_steps": 1})
    begun = time.perf_counter()
    for seed in range(pictures):
        pipeline(prompt, **options, generator=torch.Generator("cpu").manual_seed(seed)).images[0].save(Path(out) / f"{seed}.png")
    sys.stdout.write(f"{time.perf_counter() - begun}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], *map(int, sys.argv[4:7]))
