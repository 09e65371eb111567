"""Averages gradients over processes that train side by side: one thread each is worth more on a busy computer than two in one."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import torch
from torch import distributed

PATIENCE = timedelta(days=2)
"""How long one process waits for another that somebody has stopped."""


@dataclass(frozen=True)
class Together:
    """This process's number among so many; number 0 saves and reports."""

    number: int = 0
    count: int = 1

    def meet(self, file: Path) -> None:
        """Find the others through a file that none of an earlier run may have left; alone, do nothing."""
        if self.count > 1:
            meeting = f"file://{file.resolve()}"
            distributed.init_process_group("gloo", init_method=meeting, rank=self.number, world_size=self.count, timeout=PATIENCE)

    def average(self, gradients: list[torch.Tensor]) -> None:
        """Replace each gradient by its mean over all processes; every process must call this alike."""
        if self.count == 1:
            return
        joined = torch.cat([gradient.flatten() for gradient in gradients]).cpu()
        distributed.all_reduce(joined)
        joined /= self.count
        for gradient, part in zip(gradients, joined.split([gradient.numel() for gradient in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))


ALONE = Together()
