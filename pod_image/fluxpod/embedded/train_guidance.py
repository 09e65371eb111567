"""Trains the transformer to follow its guidance number by itself, as FLUX.1-dev does: one pass in place of the two of true guidance."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import torch
from diffusers import AutoencoderKL
from torch.nn.functional import mse_loss

from fluxpod.embedded import batches, network, stages, train_transformer
from fluxpod.embedded.architecture import GUIDANCE
from fluxpod.embedded.network import Network
from fluxpod.embedded.optimizing import Masters
from fluxpod.embedded.pace import Pace
from fluxpod.embedded.together import ALONE, Together

SIZES = ((256, 256, 16, 1.0), (336, 192, 16, 0.1), (192, 336, 16, 0.1), (384, 384, 7, 0.1), (512, 512, 4, 0.6))
STAGE = stages.Stage("guidance", 500, SIZES, 0.6, 1e-3, 2e-5)
WARM_UP_STEPS = 20
SAVE_SECONDS = 120.0
REPORT_STEPS = 25
WEIGHT_PER_NUMBER = 0.6
"""The usual guidance, 3.5, is a weight of 2.5: of 24 held-out pairs that drew 20 right, where 9 were right without."""
USUAL_SHARE = 0.5
"""So many pictures are trained at the usual guidance, the others anywhere from 1 to 5."""
_Number = TypeVar("_Number", float, torch.Tensor)


def weight(guidance: _Number) -> _Number:
    """The weight of true classifier-free guidance that a guidance number stands for: 1 is none, the usual 3.5 is 2.5."""
    return 1.0 + WEIGHT_PER_NUMBER * (guidance - 1.0)


def train(
    path: Path,
    autoencoder: AutoencoderKL,
    trained: Network,
    seed: int,
    watch: Callable[[Network, int], None],
    together: Together = ALONE,
) -> None:
    """Train or go on training; `trained` follows prompts already and is the teacher; the state lies in `path`.

    Distillation of guidance: "On Distillation of Guided Diffusion Models", Meng et al., 2023. `watch` is called at the end.
    """
    teacher = deepcopy(trained).to(torch.bfloat16).requires_grad_(False)
    masters, model = Masters(trained.transformer), trained
    done = masters.resume(path, model.transformer)
    model.clip.requires_grad_(False)
    model.t5.requires_grad_(False)
    model = model.to(torch.bfloat16)
    model.compile_blocks()
    pools: dict[tuple[int, int], batches.LatentPool] = {}
    saved, pace = time.monotonic(), Pace(REPORT_STEPS, STAGE.steps, silent=together.number > 0)
    for step in range(done, STAGE.steps):
        shared, random = Random(f"{seed} guidance {step}"), Random(f"{seed} guidance {step} process {together.number}")
        lot = train_transformer.draw_lot(pools, autoencoder, STAGE, shared, random)
        loss = _loss(model, teacher, lot, random)
        loss.backward()
        masters.step(model.transformer, STAGE.rate(step / STAGE.steps) * min(1.0, (step + 1) / WARM_UP_STEPS), together)
        pace.note(STAGE.name, step + 1, loss=loss.item())
        if together.number == 0 and (time.monotonic() - saved > SAVE_SECONDS or step + 1 == STAGE.steps):
            masters.save(path, step + 1, seed)
            saved = time.monotonic()
    if together.number == 0 and done < STAGE.steps:
        watch(model, STAGE.steps)


def _loss(model: Network, teacher: Network, lot: dict[str, Any], random: Random) -> torch.Tensor:
    """Mean square of (the velocity at a guidance number - the teacher's, guided away from what it draws without a text)."""
    mixed, level, _ = train_transformer.mixture(lot, random)
    count = len(mixed)
    numbers = [GUIDANCE if random.random() < USUAL_SHARE else random.uniform(1.0, 5.0) for _ in range(count)]
    guidance = torch.tensor(numbers, device=mixed.device)
    places = batches.positions(lot["width"], lot["height"])
    usual = torch.full_like(guidance, GUIDANCE)
    with torch.no_grad():
        texts = teacher.texts(*network.token_ids(lot["texts"], lot["length"]))
        pooled, states = teacher.texts(*network.token_ids([("", "")], lot["length"]))
        free = teacher.velocity(mixed, level, usual, (pooled.expand(count, -1), states.expand(count, -1, -1)), places).float()
        bound = teacher.velocity(mixed, level, usual, texts, places).float()
        wanted = free + weight(guidance)[:, None, None] * (bound - free)
    return mse_loss(model.velocity(mixed, level, guidance, texts, places).float(), wanted)
