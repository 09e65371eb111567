"""Trains the transformer to turn noise into the latents of captioned scenes; autoencoder and text encoders stay as they are."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import torch
from diffusers import AutoencoderKL
from torch.nn.functional import mse_loss

from fluxpod.embedded import architecture, batches, captions, network, stages
from fluxpod.embedded.network import Network
from fluxpod.embedded.optimizing import Masters
from fluxpod.embedded.pace import Pace
from fluxpod.embedded.together import ALONE, Together

SAVE_SECONDS = 150.0
SAVES_A_WATCH = 3
REPORT_STEPS = 50
WARM_UP_STEPS = 100


def train(
    path: Path,
    autoencoder: AutoencoderKL,
    texts: dict[str, torch.Tensor],
    seed: int,
    device: torch.device,
    watch: Callable[[Network, int], None],
    together: Together = ALONE,
) -> Network:
    """Train or go on training until all stages are done, and return the network with its averaged weights, float32.

    `texts` are the encoders that can read; the state lies in `path`.

    The encoders are frozen: Muon moves every matrix by the same amount, and the first gradients, still blind, wiped out what they knew.

    `watch` is called after each save with the averaged weights and the step, to measure them. Every step draws its scenes, texts and
    noise from `seed` and its own number alone; only the pool of latents starts afresh when a run goes on.
    """
    model = Network.untrained(seed)
    model.load_state_dict(texts, strict=False)
    model = model.to(device)
    model.clip.requires_grad_(False)
    model.t5.requires_grad_(False)
    masters = Masters(model.transformer)
    done = masters.resume(path, model.transformer)
    model = model.to(torch.bfloat16)
    model.compile_blocks()
    pools: dict[tuple[int, int], batches.LatentPool] = {}
    last, saves, saved = stages.total_steps(), 0, time.monotonic()
    pace = Pace(REPORT_STEPS, last, silent=together.number > 0)
    for step in range(done, last):
        stage, share = stages.stage_at(step)
        shared, random = Random(f"{seed} transformer {step}"), Random(f"{seed} transformer {step} process {together.number}")
        loss = _loss(model, draw_lot(pools, autoencoder, stage, shared, random), random)
        loss.backward()
        masters.step(model.transformer, stage.rate(share) * min(1.0, (step + 1) / WARM_UP_STEPS), together)
        pace.note(stage.name, step + 1, loss=loss.item())
        if together.number == 0 and (time.monotonic() - saved > SAVE_SECONDS or step + 1 == last):
            masters.save(path, step + 1, seed)
            masters.write_into(model.transformer, averaged=True)
            if step + 1 == last or (saves := saves + 1) % SAVES_A_WATCH == 0:
                watch(model, step + 1)
            masters.write_into(model.transformer)
            saved = time.monotonic()
    trained = Network.untrained(seed).to(device)
    trained.load_state_dict(texts, strict=False)
    masters.write_into(trained.transformer, averaged=True)
    return trained


def draw_lot(
    pools: dict[tuple[int, int], batches.LatentPool], autoencoder: AutoencoderKL, stage: stages.Stage, shared: Random, random: Random
) -> dict[str, Any]:
    """One step's latents, texts and text length; `shared` picks the size and the length, which are alike in all processes."""
    width, height, count, _ = shared.choices(stage.sizes, [size[3] for size in stage.sizes])[0]
    pool = pools.setdefault((width, height), batches.LatentPool(autoencoder, width, height))
    lots, latents = pool.draw_lot(random, count)
    if shared.random() < stage.long_text:
        length = stages.LONG_TEXT_TOKENS
        wording = captions.Wording(long_filler=0.2 / max(stage.long_text, 0.4))
    else:
        length, wording = stages.SHORT_TEXT_TOKENS, captions.Wording(long_filler=0.0)
    texts = [batches.two_texts(scene, random, wording) for scene in lots]
    return {"latents": latents, "texts": texts, "length": length, "width": width, "height": height}


def mixture(lot: dict[str, Any], random: Random) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Noisy tokens, their noise levels drawn around 0.6, a fifth of them evenly, and the velocity: noise - latents.

    Above the native size the levels are shifted towards noise by the square root of the pixels' ratio: neighbours say the same there, so
    that it takes more noise to hide a layout ("Scaling Rectified Flow Transformers", Esser et al., 2024, section 5.3.2).
    """
    clean = batches.pack(lot["latents"])
    generator = torch.Generator(clean.device).manual_seed(random.getrandbits(60))
    noise = torch.randn(clean.shape, generator=generator, device=clean.device)
    normal = torch.randn(len(clean), generator=generator, device=clean.device)
    even = torch.rand(len(clean), generator=generator, device=clean.device)
    level = torch.where(torch.rand(len(clean), generator=generator, device=clean.device) < 0.2, even, torch.sigmoid(0.4 + normal))
    shift = max(1.0, math.sqrt(lot["width"] * lot["height"]) / architecture.NATIVE_PIXELS)
    level = shift * level / (1.0 + (shift - 1.0) * level)
    return torch.lerp(clean, noise, level[:, None, None]), level, noise - clean


def _loss(model: Network, lot: dict[str, Any], random: Random) -> torch.Tensor:
    """Mean square of (predicted velocity - velocity)."""
    mixed, level, wanted = mixture(lot, random)
    guidance = 1.0 + 4.0 * torch.rand(
        len(mixed), generator=torch.Generator(mixed.device).manual_seed(random.getrandbits(60)), device=mixed.device
    )
    clip_ids, t5_ids = network.token_ids(lot["texts"], lot["length"])
    velocity = model(mixed, level, guidance, clip_ids, t5_ids, batches.positions(lot["width"], lot["height"]))
    return mse_loss(velocity.float(), wanted)
