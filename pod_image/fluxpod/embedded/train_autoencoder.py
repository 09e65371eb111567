"""Trains the autoencoder on crops of drawn scenes until its pictures have crisp edges."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
import time
from pathlib import Path
from random import Random

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch.nn.functional import l1_loss

from fluxpod.embedded import architecture, checkpoint, drawing, scenes
from fluxpod.embedded.telling import tell

CROP_PIXELS = 64
CROPS_PER_PICTURE = 3
BATCH = 12
STEPS = 2000
MUON_RATE = 3e-3
ADAM_RATE = 1e-3
WARM_UP_STEPS = 60
LATENT_NOISE = 0.15
LATENT_PENALTY = 1e-3
SAVE_SECONDS = 120.0
MEASURED_PICTURES = 64


def train(path: Path, seed: int, device: torch.device, steps: int = STEPS) -> AutoencoderKL:
    """Train or go on training until `steps`; the state lies in `path`. Returns the model, shift and scale filled in, on `device`.

    The decoder sees the latent's mean plus a little noise (at variance 1 the pictures stay blurred): loss = L1 + a small pull to 0.
    Muon turns the convolutions: with AdamW alone the error fell five times more slowly.
    """
    torch.manual_seed(seed)
    model = architecture.autoencoder()
    torch.nn.Module.to(model, device=device)
    matrices = [weight for weight in model.parameters() if weight.ndim == 4 and min(weight.shape[:2]) >= 16]
    views = [weight.detach().view(len(weight), -1) for weight in matrices]
    others = [weight for weight in model.parameters() if not any(weight is matrix for matrix in matrices)]
    muon = torch.optim.Muon(views, lr=0.0, weight_decay=0.0, momentum=0.9, adjust_lr_fn="match_rms_adamw")
    adam = torch.optim.AdamW(others, lr=0.0, betas=(0.9, 0.98), weight_decay=0.0)
    done = 0
    if state := checkpoint.load(path):
        model.load_state_dict(state["model"])
        muon.load_state_dict(state["muon"])
        adam.load_state_dict(state["adam"])
        done = int(state["step"])
    saved, started, first = time.monotonic(), time.monotonic(), done
    for step in range(done, steps):
        pictures = crops(Random(f"{seed} autoencoder {step}"), BATCH).to(device)
        loss, error = _losses(model, pictures, torch.Generator(device).manual_seed(seed * 1_000_003 + step))
        model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for view, matrix in zip(views, matrices, strict=True):
            view.grad = None if matrix.grad is None else matrix.grad.reshape(view.shape)
        for optimizer, rate in ((muon, MUON_RATE), (adam, ADAM_RATE)):
            optimizer.param_groups[0]["lr"] = rate * min(1.0, (step + 1) / WARM_UP_STEPS) * _cosine(step / steps)
            optimizer.step()
        if step % 50 == 49:
            rate = (step + 1 - first) / (time.monotonic() - started)
            tell(f"autoencoder step {step + 1}/{steps} mean error {error:.4f} of 2, {rate:.1f} steps/s")
        if time.monotonic() - saved > SAVE_SECONDS or step + 1 == steps:
            optimizers = {"muon": muon.state_dict(), "adam": adam.state_dict()}
            checkpoint.save(path, {"model": model.state_dict(), "step": step + 1, **optimizers})
            saved = time.monotonic()
    measure_latents(model, seed)
    return model.eval()


def crops(random: Random, count: int) -> torch.Tensor:
    """`count` crops of drawn scenes that training may see, shape (count, 3, 64, 64), -1 to 1; most of them hold an edge."""
    chosen: list[drawing.Picture] = []
    while len(chosen) < count:
        side = random.choice((128, 256, 256, 256))
        picture = drawing.draw(scenes.draw_lot(random, held=False), side, side, random)
        found = 0
        for _ in range(12):
            left, top = random.randrange(0, side - CROP_PIXELS + 1), random.randrange(0, side - CROP_PIXELS + 1)
            crop = picture[top : top + CROP_PIXELS, left : left + CROP_PIXELS]
            if found < CROPS_PER_PICTURE and (crop.std(axis=(0, 1)).max() > 4 or random.random() < 0.03):
                chosen.append(crop)
                found += 1
    return as_tensor(chosen[:count])


def as_tensor(pictures: list[drawing.Picture]) -> torch.Tensor:
    """Pictures of one size as the autoencoder reads them: shape (count, 3, height, width), -1 to 1."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)


def _losses(model: AutoencoderKL, pictures: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, float]:
    with torch.autocast(pictures.device.type, torch.bfloat16):
        latent = model.encode(pictures.contiguous(memory_format=torch.channels_last)).latent_dist  # pyright: ignore[reportAttributeAccessIssue]
        strength = torch.rand(len(pictures), 1, 1, 1, generator=generator, device=pictures.device) * LATENT_NOISE
        noise = torch.randn(latent.mean.shape, generator=generator, device=pictures.device) * strength
        drawn = model.decode(latent.mean + noise).sample  # pyright: ignore[reportAttributeAccessIssue]
    error = l1_loss(drawn.float(), pictures)
    spread = (latent.logvar.float() - 2 * math.log(LATENT_NOISE / 2)).square().mean()
    return error + LATENT_PENALTY * (latent.mean.float().square().mean() + spread), error.item()


def _cosine(share: float) -> float:
    return 0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * share))


@torch.no_grad()
def measure_latents(model: AutoencoderKL, seed: int) -> None:
    """Fill in what makes the latents of real pictures have mean 0 and spread 1."""
    random = Random(f"{seed} latents")
    side = architecture.NATIVE_PIXELS
    pictures = as_tensor([drawing.draw(scenes.draw_lot(random, held=False), side, side, random) for _ in range(MEASURED_PICTURES)]).to(
        model.device
    )
    means = torch.cat([model.encode(part).latent_dist.mean for part in pictures.split(8)])  # pyright: ignore[reportAttributeAccessIssue]
    model.register_to_config(shift_factor=means.mean().item(), scaling_factor=1.0 / means.std().item())
