"""Makes pictures with FluxPipeline and nothing of ours, in a process of its own: what the worker has to equal."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def bare_hashes(folder: Path, body: Mapping[str, Any]) -> list[str]:
    """Given a model's folder and a recipe's JSON, return the pixel hashes that a bare pipeline gives, one a seed."""
    command = [sys.executable, __file__, str(folder), json.dumps(body)]
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True)
    return json.loads(done.stdout)


def _make(folder: str, body: Mapping[str, Any]) -> list[str]:
    import torch
    from diffusers import FluxPipeline

    pipeline = FluxPipeline.from_pretrained(folder, dtype=torch.float32)
    hashes: list[str] = []
    for seed in body["seeds"]:
        picture = pipeline(
            prompt=body.get("clip_prompt", body["prompt"]),
            prompt_2=body["prompt"],
            width=body["width"],
            height=body["height"],
            num_inference_steps=body["steps"],
            guidance_scale=body["guidance"],
            negative_prompt=body.get("negative_prompt"),
            true_cfg_scale=body.get("true_cfg") or 1.0,
            max_sequence_length=body["maximum_sequence_length"],
            generator=torch.Generator("cpu").manual_seed(seed),
        ).images[0]
        pixels = picture.convert("RGB").tobytes()
        hashes.append(hashlib.sha256(f"{picture.width}x{picture.height}:".encode() + pixels).hexdigest())
    return hashes


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_make(sys.argv[1], json.loads(sys.argv[2]))))
