"""Measures a network while it is trained: draws held-out prompts and scores the pictures."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import torch
from diffusers import AutoencoderKL

from fluxpod.embedded import captions, network, scenes
from fluxpod.embedded.drawing import Picture
from fluxpod.embedded.network import Network
from fluxpod.embedded.scoring import score
from fluxpod.embedded.telling import tell

WATCHED = 24


def watcher(autoencoder: AutoencoderKL, pixels: int = 128) -> Callable[[Network, int], None]:
    """A function that prints how many of some held-out prompts a network follows: background, one figure, two figures."""
    random = Random("watched scenes")
    lots = [scenes.draw_lot(random, figures=1 + number % 2, held=True) for number in range(WATCHED)]
    texts = [captions.caption(scene, random, captions.CLEAR) for scene in lots]

    def watch(model: Network, step: int) -> None:
        with torch.compiler.set_stance("force_eager"):
            latents = network.sample(model, [(text, text) for text in texts], pixels, pixels, seed=0)
        pictures = decode(autoencoder, latents)
        verdicts = [score(picture, scene) for picture, scene in zip(pictures, lots, strict=True)]
        background = _share([verdict.background for verdict in verdicts])
        one, two = (_share([verdict.subject for verdict in verdicts[start::2]]) for start in (0, 1))
        parts = _share([right for verdict in verdicts for right in verdict.figures])
        tell(f"step {step}: background {background:.2f}, one {one:.2f}, two {two:.2f}, figures {parts:.2f}")

    return watch


@torch.no_grad()
def decode(autoencoder: AutoencoderKL, latents: torch.Tensor) -> list[Picture]:
    """Latents as the transformer makes them, (count, 16, rows, columns), as pictures."""
    whole = latents / autoencoder.config["scaling_factor"] + autoencoder.config["shift_factor"]
    drawn = torch.cat([autoencoder.decode(part).sample for part in whole.to(autoencoder.device).split(4)])  # pyright: ignore[reportAttributeAccessIssue]
    numbers = drawn.float().add(1.0).mul(127.5).clamp(0, 255).round().permute(0, 2, 3, 1).cpu().numpy()
    return list(numbers.astype(np.uint8))


def _share(flags: list[bool]) -> float:
    return sum(flags) / len(flags)
