"""Judges while training whether the text encoders understood a caption: which colours and shapes stand where."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from fluxpod.embedded import architecture, palette, scenes, shapes
from fluxpod.embedded.scenes import Scene

LAYOUTS = ("", "left of", "above", "inside")
PLACES = 3
CLASSES = (len(palette.NAMES), len(LAYOUTS), *(len(palette.NAMES) + 1, len(shapes.NAMES) + 1, len(scenes.SIZES) + 1) * PLACES)
"""Background, layout, and for each place, from left, the top or within: colour, shape, size; one more class for nothing."""


class Reader(nn.Module):
    """Answers eleven questions about a scene, once from T5's states by attention and once from CLIP's pooled vector."""

    def __init__(self) -> None:
        super().__init__()
        self.questions = nn.Parameter(torch.randn(len(CLASSES), architecture.TEXT_WIDTH) * 0.1)
        self.keys = nn.Linear(architecture.TEXT_WIDTH, architecture.TEXT_WIDTH)
        self.from_states = nn.ModuleList(nn.Linear(architecture.TEXT_WIDTH, count) for count in CLASSES)
        self.from_pooled = nn.ModuleList(nn.Linear(architecture.POOLED_WIDTH, count) for count in CLASSES)

    def forward(self, pooled: torch.Tensor, states: torch.Tensor, answers: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Cross-entropy from the states and from the pooled vector, and the share of captions that the states answer without a fault.

        `answers` has shape (count, 11), as `answers_about` gives them.
        """
        weights = torch.softmax(self.questions @ self.keys(states).transpose(1, 2), dim=-1)
        read = weights @ states
        said = [head(read[:, number]) for number, head in enumerate(self.from_states)]
        by_states = torch.stack([cross_entropy(logits.float(), answers[:, number]) for number, logits in enumerate(said)]).sum()
        right = torch.stack([logits.argmax(-1) == answers[:, number] for number, logits in enumerate(said)]).all(0).float().mean()
        heads = enumerate(self.from_pooled)
        by_pooled = torch.stack([cross_entropy(head(pooled).float(), answers[:, number]) for number, head in heads]).sum()
        return by_states, by_pooled, right


def answers_about(scene: Scene) -> list[int]:
    """The eleven classes of a scene, the same for both views of a relation."""
    figures = list(scene.figures)
    if scene.relation in scenes.MIRRORED:
        figures.reverse()
    answers = [palette.NAMES.index(scene.background), LAYOUTS.index(scenes.MIRRORED.get(scene.relation, scene.relation))]
    for figure in figures:
        answers += [palette.NAMES.index(figure.colour), shapes.NAMES.index(figure.shape), scenes.SIZES.index(figure.size)]
    return answers + [len(palette.NAMES), len(shapes.NAMES), len(scenes.SIZES)] * (PLACES - len(figures))
