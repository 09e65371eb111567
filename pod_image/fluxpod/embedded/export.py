"""Turns checkpoints of a training run into the folder that ships: `python -m fluxpod.embedded.export`."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch

from fluxpod.embedded import architecture, checkpoint, train_autoencoder, train_texts
from fluxpod.embedded.folder import SHIPPED
from fluxpod.embedded.network import Network
from fluxpod.embedded.telling import tell

LARGEST_BYTES = 30_000_000
STEP_FILE = "training.json"


def export(training: Path, target: Path) -> tuple[int, int]:
    """Write the weights of the run in `training` to `target`, half precision; returns the steps of transformer and guidance.

    The last ones where guidance was trained, whose rate ends near zero and whose average lags behind; else the averaged ones.

    A card and a contact sheet that lie there stay. Raises FileNotFoundError without a run, ValueError over 30 MB of weights.
    """
    state, texts_state, autoencoder_state = (checkpoint.load(training / f"{part}.pt") for part in ("transformer", "texts", "autoencoder"))
    if state is None or texts_state is None or autoencoder_state is None:
        raise FileNotFoundError(f"{training} holds no training run")
    guided = checkpoint.load(training / "guidance.pt")
    steps = int(state["step"]), int(guided["step"]) if guided else 0
    network = Network()
    network.load_state_dict(train_texts.encoders(texts_state), strict=False)
    pipeline = architecture.build(seed=0)
    pipeline.transformer.load_state_dict(guided["masters"]["weights"] if guided else state["masters"]["average"])
    pipeline.text_encoder.load_state_dict(network.clip.state_dict())
    pipeline.text_encoder_2.load_state_dict(network.t5.state_dict())
    pipeline.vae.load_state_dict(autoencoder_state["model"])
    train_autoencoder.measure_latents(pipeline.vae, int(state["seed"]))
    aside = target.with_name(f".{target.name}-new")
    shutil.rmtree(aside, ignore_errors=True)
    pipeline.to(torch.float16).save_pretrained(aside)
    for file in aside.rglob("*.json"):
        file.write_text(json.dumps(json.loads(file.read_text()), ensure_ascii=False, separators=(",", ":")) + "\n")
    (aside / STEP_FILE).write_text(json.dumps({"step": steps[0], "guidance_step": steps[1], "seed": int(state["seed"])}) + "\n")
    size = sum(file.stat().st_size for file in aside.rglob("*.safetensors"))
    if size > LARGEST_BYTES:
        raise ValueError(f"the weights take {size} bytes; {LARGEST_BYTES} are allowed")
    for file in target.glob("*.*"):
        if file.suffix in (".md", ".png"):
            shutil.copy2(file, aside)
    shutil.rmtree(target, ignore_errors=True)
    aside.rename(target)
    return steps


def main() -> None:
    """Export the latest checkpoint into the package."""
    parser = argparse.ArgumentParser(prog="python -m fluxpod.embedded.export", description=__doc__)
    parser.add_argument("--training", type=Path, default=Path("training"))
    parser.add_argument("--target", type=Path, default=SHIPPED)
    chosen = parser.parse_args()
    step, guidance_step = export(chosen.training, chosen.target)
    tell(f"{chosen.target}: weights of step {step}, guidance step {guidance_step}")


if __name__ == "__main__":
    main()
