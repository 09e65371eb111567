"""The older way: a fresh Python process for each picture, which imports diffusers, loads the model, generates and saves."""

import sys

import torch
from diffusers import FluxPipeline


def main(folder: str, prompt: str, out: str, steps: int, size: int) -> None:
    """Make one picture as a script would."""
    pipeline = FluxPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    generator = torch.Generator("cpu").manual_seed(7)
    pipeline(prompt, width=size, height=size, num_inference_steps=steps, max_sequence_length=192, generator=generator).images[0].save(out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
