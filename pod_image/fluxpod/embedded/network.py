"""Joins the transformer and both text encoders into one network, as the pipeline joins them."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from fluxpod.embedded import architecture, batches
from fluxpod.embedded.attention import PlainAttention


class Network(nn.Module):
    """From two texts, noisy tokens and a noise level to the velocity."""

    def __init__(self) -> None:
        super().__init__()
        self.transformer = architecture.transformer()
        self.transformer.set_attn_processor(PlainAttention())  # pyright: ignore[reportArgumentType]
        self.clip = architecture.clip_encoder()
        self.t5 = architecture.t5_encoder()

    @staticmethod
    def untrained(seed: int) -> Network:
        """Weights drawn from `seed`; modulations and last layer at zero as in DiT, so that each block starts as the identity.

        T5's heads start by looking back, ahead and everywhere: words are bound to their neighbours long before they would learn it.
        """
        torch.manual_seed(seed)
        network = Network()
        for name, module in network.transformer.named_modules():
            if isinstance(module, nn.Linear) and (".norm" in name or name.startswith(("norm_out", "proj_out"))):
                nn.init.zeros_(module.weight)
                nn.init.zeros_(module.bias)
        network.t5.get_parameter("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight").data.copy_(_neighbours_first())
        return network

    def compile_blocks(self) -> None:
        """Compile the transformer's blocks for any size: a third less time a step on a CPU, after some minutes of compiling."""
        # A few sizes, each with and without gradients, soon pass the usual limit of 8.
        torch._dynamo.config.recompile_limit = 64  # pyright: ignore[reportPrivateUsage]
        for block in (*self.transformer.transformer_blocks, *self.transformer.single_transformer_blocks):
            block.compile(dynamic=True)

    def texts(self, clip_ids: torch.Tensor, t5_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """CLIP's pooled vector, (count, 48), and T5's states, (count, length, 192); no masks, as in the pipeline."""
        device = self.transformer.device
        return self.clip(clip_ids.to(device)).pooler_output, self.t5(t5_ids.to(device))[0]

    def velocity(
        self,
        mixed: torch.Tensor,
        level: torch.Tensor,
        guidance: torch.Tensor,
        texts: tuple[torch.Tensor, torch.Tensor],
        places: torch.Tensor,
    ) -> torch.Tensor:
        """The transformer's answer for tokens of shape (count, tokens, 64) at noise levels 0 to 1."""
        pooled, states = texts
        return self.transformer(
            hidden_states=mixed.to(states.dtype),
            timestep=level,
            guidance=guidance,
            pooled_projections=pooled,
            encoder_hidden_states=states,
            txt_ids=torch.zeros(states.shape[1], 3, device=mixed.device),
            img_ids=places.to(mixed.device),
            return_dict=False,
        )[0]

    def forward(
        self,
        mixed: torch.Tensor,
        level: torch.Tensor,
        guidance: torch.Tensor,
        clip_ids: torch.Tensor,
        t5_ids: torch.Tensor,
        places: torch.Tensor,
    ) -> torch.Tensor:
        """`velocity` after `texts`."""
        return self.velocity(mixed, level, guidance, self.texts(clip_ids, t5_ids), places)


def token_ids(texts: list[tuple[str, str]], length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """What CLIP and T5 read of pairs of texts; CLIP's row is as long as needed, since it looks only backwards from the end mark."""
    clip, t5 = _tokenizers()
    clip_ids = clip([text for text, _ in texts], padding="longest", max_length=77, truncation=True, return_tensors="pt").input_ids
    t5_ids = t5([text for _, text in texts], padding="max_length", max_length=length, truncation=True, return_tensors="pt").input_ids
    return clip_ids, t5_ids


@torch.no_grad()
def sample(network: Network, texts: list[tuple[str, str]], width: int, height: int, seed: int, steps: int = 20) -> torch.Tensor:
    """Latents for pairs of texts by Euler's rule over the pipeline's noise levels; for watching a training run."""
    generator = torch.Generator().manual_seed(seed)
    places = batches.positions(width, height)
    tokens = torch.randn(len(texts), len(places), 4 * architecture.LATENT_CHANNELS, generator=generator).to(network.transformer.device)
    shift = math.exp(0.5 + (len(places) - 256) * (1.15 - 0.5) / (4096 - 256))
    even = torch.linspace(1.0, 1.0 / steps, steps)
    levels = [*(shift * even / (1.0 + (shift - 1.0) * even)).tolist(), 0.0]
    states = network.texts(*token_ids(texts, 192))
    guidance = torch.full((len(texts),), architecture.GUIDANCE, device=tokens.device)
    for level, following in pairwise(levels):
        now = torch.full((len(texts),), level, device=tokens.device)
        tokens = tokens + (following - level) * network.velocity(tokens, now, guidance, states, places).float()
    return batches.unpack(tokens, width, height)


def _neighbours_first() -> torch.Tensor:
    """T5's relative biases, (32 buckets, 3 heads): buckets 0 to 15 are tokens before, 16 to 31 after, further off with each."""
    far = -0.7 * torch.arange(16.0)
    never = torch.full((16,), -4.0)
    return torch.stack([torch.cat((far, never)), torch.cat((never, far)), torch.zeros(32)], dim=1)


@cache
def _tokenizers() -> tuple[Any, Any]:
    return architecture.clip_tokenizer(), architecture.t5_tokenizer()
