"""Attends with plain matrix products while training: a CPU's fused attention is slow on its way back."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from typing import Any

import torch
from diffusers.models.embeddings import apply_rotary_emb


class PlainAttention:
    """Does what diffusers' `FluxAttnProcessor` does, without masks."""

    def __call__(
        self,
        attn: Any,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        image_rotary_emb: tuple[torch.Tensor, torch.Tensor] | None = None,
    ) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
        """Attention over the picture's tokens, and over the text's before them in a double block; raises ValueError for a mask."""
        if attention_mask is not None:
            raise ValueError("the embedded model is trained without attention masks")
        query = attn.norm_q(attn.to_q(hidden_states).unflatten(-1, (attn.heads, -1)))
        key = attn.norm_k(attn.to_k(hidden_states).unflatten(-1, (attn.heads, -1)))
        value = attn.to_v(hidden_states).unflatten(-1, (attn.heads, -1))
        if encoder_hidden_states is not None:
            text_query = attn.norm_added_q(attn.add_q_proj(encoder_hidden_states).unflatten(-1, (attn.heads, -1)))
            text_key = attn.norm_added_k(attn.add_k_proj(encoder_hidden_states).unflatten(-1, (attn.heads, -1)))
            text_value = attn.add_v_proj(encoder_hidden_states).unflatten(-1, (attn.heads, -1))
            query = torch.cat((text_query, query), dim=1)
            key = torch.cat((text_key, key), dim=1)
            value = torch.cat((text_value, value), dim=1)
        query, key = (_turned(part, image_rotary_emb) for part in (query, key))
        scores = (query.transpose(1, 2) / math.sqrt(query.shape[-1])) @ key.permute(0, 2, 3, 1)
        mixed = (torch.softmax(scores, dim=-1) @ value.transpose(1, 2)).transpose(1, 2).flatten(2)
        if encoder_hidden_states is None:
            return mixed
        length = encoder_hidden_states.shape[1]
        return attn.to_out[0](mixed[:, length:]), attn.to_add_out(mixed[:, :length])


def _turned(part: torch.Tensor, rotation: tuple[torch.Tensor, torch.Tensor] | None) -> torch.Tensor:
    answer: Any = part if rotation is None else apply_rotary_emb(part, rotation, sequence_dim=1)  # pyright: ignore[reportArgumentType]
    return answer
