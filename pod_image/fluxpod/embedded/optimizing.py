"""Changes the weights: float32 masters behind a bfloat16 network, Muon for the matrices of the blocks, AdamW for the rest."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from fluxpod.embedded import checkpoint
from fluxpod.embedded.together import ALONE, Together

AVERAGE_DECAY = 0.995
CLIP_NORM = 1.0
ADAM_SHARE = 0.5
BIAS_SHARE = 8.0
"""AdamW's learning rate as a share of Muon's, for most weights and for T5's relative biases, which must grow to several units."""


class Masters:
    """The weights in float32, their moving average and both optimizers' state."""

    def __init__(self, model: nn.Module) -> None:
        self.weights = {name: weight.detach().float().clone() for name, weight in model.named_parameters()}
        self.average = {name: weight.clone() for name, weight in self.weights.items()}
        matrices = [weight for name, weight in self.weights.items() if _is_block_matrix(name, weight)]
        biases = [weight for name, weight in self.weights.items() if "relative_attention_bias" in name]
        known = {id(weight) for weight in matrices + biases}
        others = [weight for weight in self.weights.values() if id(weight) not in known]
        self.muon = torch.optim.Muon(matrices, lr=0.0, weight_decay=0.01, momentum=0.95, adjust_lr_fn="match_rms_adamw")
        groups = [{"params": others, "share": ADAM_SHARE}, {"params": biases, "share": BIAS_SHARE}]
        self.adam = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), weight_decay=0.0)
        self.steps = 0

    def step(self, model: nn.Module, rate: float, together: Together = ALONE) -> None:
        """Take the network's gradients, averaged over all processes; change the masters, write them back, clear the gradients."""
        for name, parameter in model.named_parameters():
            self.weights[name].grad = None if parameter.grad is None else parameter.grad.float()
        together.average([weight.grad for weight in self.weights.values() if weight.grad is not None])
        torch.nn.utils.clip_grad_norm_(self.weights.values(), CLIP_NORM)
        for optimizer in (self.muon, self.adam):
            for group in optimizer.param_groups:
                group["lr"] = rate * group.get("share", 1.0)
            optimizer.step()
        model.zero_grad(set_to_none=True)
        self.steps += 1
        decay = min(AVERAGE_DECAY, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(list(self.average.values()), list(self.weights.values()), 1.0 - decay)  # pyright: ignore[reportPrivateUsage]
        self.write_into(model)

    @torch.no_grad()
    def write_into(self, model: nn.Module, averaged: bool = False) -> None:
        """Copy the masters, or their average, into the network in its own precision."""
        source = self.average if averaged else self.weights
        for name, parameter in model.named_parameters():
            parameter.copy_(source[name])

    def resume(self, path: Path, model: nn.Module) -> int:
        """Go on from the run saved in `path`, else begin; bring `model` to the same weights; returns the steps that are done."""
        state = checkpoint.load(path)
        if state is not None:
            self.load_state_dict(state["masters"])
        self.write_into(model)
        return 0 if state is None else int(state["step"])

    def save(self, path: Path, step: int, seed: int) -> None:
        """Save in `path` what `resume` needs after so many steps."""
        checkpoint.save(path, {"masters": self.state_dict(), "step": step, "seed": seed})

    def state_dict(self) -> dict[str, Any]:
        """Everything that going on needs."""
        optimizers = {"muon": self.muon.state_dict(), "adam": self.adam.state_dict()}
        return {"weights": self.weights, "average": self.average, "steps": self.steps, **optimizers}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from `state_dict`'s answer."""
        for kind in ("weights", "average"):
            for name, weight in getattr(self, kind).items():
                weight.copy_(state[kind][name])
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.steps = int(state["steps"])


def _is_block_matrix(name: str, weight: torch.Tensor) -> bool:
    """Whether a weight is a matrix inside a block; word vectors, modulations and the first and last layers are AdamW's."""
    in_a_block = "transformer_blocks" in name or ".block." in name or ".layers." in name
    return weight.ndim == 2 and in_a_block and ".norm" not in name and "relative" not in name
