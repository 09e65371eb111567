"""Trains the text encoders alone, to read scenes out of captions: far cheaper than learning to read through pictures."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from typing import Any

import torch

from fluxpod.embedded import captions, network, reading, scenes, stages
from fluxpod.embedded.network import Network
from fluxpod.embedded.optimizing import Masters
from fluxpod.embedded.pace import Pace

STEPS = 1300
BATCH = 96
RATE = 3e-3
LONG_SHARE = 0.5
WARM_UP_STEPS = 50
SAVE_SECONDS = 120.0
REPORT_STEPS = 50


def train(path: Path, seed: int, device: torch.device, steps: int = STEPS) -> dict[str, torch.Tensor]:
    """Train or go on training until `steps`; returns the encoders' weights by their name in `Network`, averaged over the last steps."""
    model = Network.untrained(seed)
    texts = torch.nn.ModuleDict({"clip": model.clip, "t5": model.t5, "reader": reading.Reader()}).to(device)
    masters = Masters(texts)
    done = masters.resume(path, texts)
    texts = texts.to(torch.bfloat16)
    saved, pace = time.monotonic(), Pace(REPORT_STEPS, steps)
    for step in range(done, steps):
        random = Random(f"{seed} texts {step}")
        length = stages.LONG_TEXT_TOKENS if random.random() < LONG_SHARE else stages.SHORT_TEXT_TOKENS
        count = BATCH // 3 if length == stages.LONG_TEXT_TOKENS else BATCH
        lots = [scenes.draw_lot(random, held=False) for _ in range(count)]
        wording = captions.Wording(0.0, 0.5 if length == stages.LONG_TEXT_TOKENS else 0.0, 0.1, 0.0, 0.0)
        said = [captions.caption(scene, random, wording) for scene in lots]
        clip_ids, t5_ids = network.token_ids([(text, text) for text in said], length)
        pooled, states = model.texts(clip_ids, t5_ids)
        answers = torch.tensor([reading.answers_about(scene) for scene in lots], device=device)
        by_states, by_pooled, share = texts["reader"](pooled, states, answers)
        (by_states + (0.3 * by_pooled if length == stages.SHORT_TEXT_TOKENS else 0.0)).backward()
        masters.step(texts, RATE * min(1.0, (step + 1) / WARM_UP_STEPS) * max(0.02, 1.0 - step / steps))
        pace.note("texts", step + 1, loss=by_states.item(), read_without_a_fault=share.item())
        if time.monotonic() - saved > SAVE_SECONDS or step + 1 == steps:
            masters.save(path, step + 1, seed)
            saved = time.monotonic()
    return encoders({"masters": masters.state_dict()})


def encoders(state: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The encoders' averaged weights in a saved state, by their name in `Network`."""
    return {name: weight for name, weight in state["masters"]["average"].items() if not name.startswith("reader")}
