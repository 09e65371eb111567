"""Draws pictures with the embedded model through diffusers' own pipeline."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import FluxPipeline

from fluxpod.embedded import architecture
from fluxpod.embedded.drawing import Picture

STEPS = 20


def open_pipeline(folder: Path, precision: torch.dtype = torch.float32) -> FluxPipeline:
    """The pipeline in `folder`, quiet; raises OSError when there is none."""
    pipeline = FluxPipeline.from_pretrained(folder, dtype=precision)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def pictures(
    pipeline: FluxPipeline,
    texts: list[tuple[str, str]],
    seeds: list[int],
    width: int = architecture.NATIVE_PIXELS,
    height: int = architecture.NATIVE_PIXELS,
    steps: int = STEPS,
) -> list[Picture]:
    """One picture for each pair of what CLIP and what T5 reads, each from its own seed, all in one batch."""
    answer = pipeline(
        prompt=[clip for clip, _ in texts],
        prompt_2=[t5 for _, t5 in texts],
        width=width,
        height=height,
        num_inference_steps=steps,
        guidance_scale=architecture.GUIDANCE,
        max_sequence_length=pipeline.tokenizer_2.model_max_length,
        generator=[torch.Generator().manual_seed(seed) for seed in seeds],
        output_type="pil",
    )
    return [np.asarray(image.convert("RGB")) for image in answer.images]  # pyright: ignore[reportAttributeAccessIssue]
