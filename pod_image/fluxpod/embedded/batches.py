"""Makes what one training step reads: latents of drawn scenes and two texts for each."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random

import torch
from diffusers import AutoencoderKL

from fluxpod.embedded import captions, drawing, scenes
from fluxpod.embedded.scenes import Scene
from fluxpod.embedded.train_autoencoder import as_tensor

FRESH_SHARE = 4
POOL_SAMPLES = 3072
SMALL_POOL_SAMPLES = 256


@dataclass
class LatentPool:
    """The latents of the scenes drawn last, for one size; each is used about four times, with new words and new noise."""

    autoencoder: AutoencoderKL
    width: int
    height: int
    entries: deque[tuple[Scene, torch.Tensor]] = field(default_factory=lambda: deque(maxlen=POOL_SAMPLES))

    def draw_lot(self, random: Random, count: int) -> tuple[list[Scene], torch.Tensor]:
        """`count` scenes and their latents, shape (count, 16, height / 8, width / 8), mean 0 and spread 1."""
        self._add(random, max(1, count // FRESH_SHARE) if len(self.entries) >= SMALL_POOL_SAMPLES else SMALL_POOL_SAMPLES)
        chosen = random.sample(range(len(self.entries)), count)
        picked = [self.entries[index] for index in chosen]
        return [scene for scene, _ in picked], torch.stack([latent for _, latent in picked])

    @torch.no_grad()
    def _add(self, random: Random, count: int) -> None:
        lots = [scenes.draw_lot(random, held=False) for _ in range(count)]
        pictures = as_tensor([drawing.draw(scene, self.width, self.height, random) for scene in lots])
        for start in range(0, count, 16):
            latents = encode(self.autoencoder, pictures[start : start + 16])
            self.entries.extend(zip(lots[start : start + 16], latents, strict=True))


@torch.no_grad()
def encode(autoencoder: AutoencoderKL, pictures: torch.Tensor) -> torch.Tensor:
    """Pictures of shape (count, 3, height, width), -1 to 1, as the transformer sees them: the latent's mean, shifted and scaled."""
    device = autoencoder.device
    with torch.autocast(device.type, torch.bfloat16):
        mean = autoencoder.encode(pictures.to(device, memory_format=torch.channels_last)).latent_dist.mean  # pyright: ignore[reportAttributeAccessIssue]
    return (mean.float() - autoencoder.config["shift_factor"]) * autoencoder.config["scaling_factor"]


def two_texts(scene: Scene, random: Random, wording: captions.Wording) -> tuple[str, str]:
    """What CLIP and what T5 read: mostly the same text; where they differ the picture follows T5, unless T5's text is empty."""
    text = captions.caption(scene, random, wording)
    chance = random.random()
    if chance < 0.72 or not text:
        return text, text
    if chance < 0.84:
        return captions.caption(scenes.draw_lot(random, held=False), random, wording), text
    if chance < 0.90:
        return "", text
    if chance < 0.94:
        return captions.caption(scene, random, captions.CLEAR), ""
    return captions.caption(scene, random, captions.CLEAR), text


def pack(latents: torch.Tensor) -> torch.Tensor:
    """Latents of shape (count, 16, rows, columns) as tokens of 2x2 cells, (count, rows / 2 x columns / 2, 64), in FLUX's order."""
    count, channels, rows, columns = latents.shape
    cells = latents.view(count, channels, rows // 2, 2, columns // 2, 2).permute(0, 2, 4, 1, 3, 5)
    return cells.reshape(count, (rows // 2) * (columns // 2), channels * 4)


def unpack(packed: torch.Tensor, width: int, height: int) -> torch.Tensor:
    """The inverse of `pack` for a picture of `width` by `height` pixels."""
    count, _, channels = packed.shape
    rows, columns = height // 16, width // 16
    cells = packed.view(count, rows, columns, channels // 4, 2, 2).permute(0, 3, 1, 4, 2, 5)
    return cells.reshape(count, channels // 4, rows * 2, columns * 2)


def positions(width: int, height: int) -> torch.Tensor:
    """Where each token stands, (tokens, 3): FLUX's rows and columns; pictures below 256 pixels are spread over the same field.

    So what is learned about places on small pictures holds on the native ones.
    """
    stretch = 2.0 if max(width, height) <= 128 else 1.0
    rows, columns = height // 16, width // 16
    ids = torch.zeros(rows, columns, 3)
    ids[..., 1] = (torch.arange(rows)[:, None] + 0.5) * stretch - 0.5
    ids[..., 2] = (torch.arange(columns)[None, :] + 0.5) * stretch - 0.5
    return ids.view(rows * columns, 3)
