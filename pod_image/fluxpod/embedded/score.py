"""Measures how well the embedded model follows held-out prompts: `python -m fluxpod.embedded.score`."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

import torch
from diffusers import FluxPipeline

from fluxpod.embedded import card, drawn, folder, sheet
from fluxpod.embedded.drawing import Picture
from fluxpod.embedded.export import STEP_FILE
from fluxpod.embedded.measuring import measure
from fluxpod.embedded.prompts import Asked, held_out_prompts
from fluxpod.embedded.scoring import score
from fluxpod.embedded.telling import tell

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def draw_asked(pipeline: FluxPipeline, asked: list[Asked], batch: int, pixels: int, steps: int = drawn.STEPS) -> list[Picture]:
    """A picture of `pixels` by `pixels` for each prompt, so many at a time; says how far it is every hundred."""
    pictures: list[Picture] = []
    for start in range(0, len(asked), batch):
        part = asked[start : start + batch]
        texts = [(each.prompt, each.prompt) for each in part]
        pictures += drawn.pictures(pipeline, texts, [each.seed for each in part], pixels, pixels, steps)
        if len(pictures) // 100 > start // 100:
            tell(f"{len(pictures)} of {len(asked)} drawn")
    return pictures


def main() -> None:
    """Draw, judge, print; with --card also write the card and the contact sheet beside the weights."""
    parser = argparse.ArgumentParser(prog="python -m fluxpod.embedded.score", description=__doc__)
    parser.add_argument("--folder", type=Path, default=None, help="the model (default: the shipped weights, else random ones)")
    parser.add_argument("--count", type=int, default=500, help="held-out prompts, one and two figures in turns (default: 500)")
    parser.add_argument("--pixels", type=int, default=256)
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--precision", choices=sorted(PRECISIONS), default="float32")
    parser.add_argument("--card", action="store_true", help="write the model card and the contact sheet beside the weights")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    model = chosen.folder or folder.embedded_model_folder(Path(tempfile.gettempdir()))
    pipeline = drawn.open_pipeline(model, PRECISIONS[chosen.precision])
    asked, began = held_out_prompts(chosen.count), time.monotonic()
    verdicts = [
        score(picture, each.scene) for picture, each in zip(draw_asked(pipeline, asked, chosen.batch, chosen.pixels), asked, strict=True)
    ]
    measured = measure(asked, verdicts)
    tell(f"{chosen.count} held-out prompts, {chosen.pixels}x{chosen.pixels}, {drawn.STEPS} steps, {chosen.precision}")
    for line in measured.lines():
        tell(line)
    tell(f"{(time.monotonic() - began) / chosen.count:.2f} s a picture")
    if chosen.card:
        steps = json.loads((model / STEP_FILE).read_text())
        shown = held_out_prompts(sheet.PICTURES, figures=(1, 2, 1, 2, 2, 3))
        sheet.save(model / sheet.NAME, shown, draw_asked(pipeline, shown, chosen.batch, chosen.pixels))
        (model / card.NAME).write_text(card.text(measured, steps["step"], steps["guidance_step"], chosen.precision))
        tell(f"wrote {model / card.NAME} and {sheet.NAME}")


if __name__ == "__main__":
    main()
