"""Builds the embedded model's parts with random weights: the classes of FLUX.1-dev at a size that two CPU cores can run."""

# torch, diffusers and transformers describe few of their types.
# pyright: reportPrivateImportUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer, PreTrainedTokenizerFast, T5Config, T5EncoderModel

from fluxpod import tokens
from fluxpod.embedded import subwords

LATENT_CHANNELS = 16
PIXELS_PER_LATENT = 8
PIXELS_PER_TOKEN = 2 * PIXELS_PER_LATENT
NATIVE_PIXELS = 256
GUIDANCE = 3.5
TEXT_WIDTH = 192
POOLED_WIDTH = 48


def build(seed: int) -> FluxPipeline:
    """The whole pipeline with weights drawn from `seed`, float32, on the CPU."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        parts: dict[str, Any] = {
            "transformer": transformer(),
            "vae": autoencoder(),
            "text_encoder": clip_encoder(),
            "text_encoder_2": t5_encoder(),
        }
    return FluxPipeline(scheduler=scheduler(), tokenizer=clip_tokenizer(), tokenizer_2=t5_tokenizer(), **parts)


def transformer() -> FluxTransformer2DModel:
    """7.5 M parameters: 2 double and 8 single blocks, width 192."""
    return FluxTransformer2DModel(
        in_channels=4 * LATENT_CHANNELS,
        num_layers=2,
        num_single_layers=8,
        attention_head_dim=64,
        num_attention_heads=3,
        joint_attention_dim=TEXT_WIDTH,
        pooled_projection_dim=POOLED_WIDTH,
        guidance_embeds=True,
        axes_dims_rope=(16, 24, 24),
    )


def autoencoder() -> AutoencoderKL:
    """1.8 M parameters; training fills in the real shift and scale."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,  # pyright: ignore[reportArgumentType]
        up_block_types=("UpDecoderBlock2D",) * 4,  # pyright: ignore[reportArgumentType]
        block_out_channels=(16, 32, 64, 96),  # pyright: ignore[reportArgumentType]
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=4,
        sample_size=NATIVE_PIXELS,
        scaling_factor=1.0,
        shift_factor=0.0,
        use_quant_conv=False,
        use_post_quant_conv=False,
        mid_block_add_attention=False,
    )


def clip_encoder() -> CLIPTextModel:
    """The pooled text: CLIP's full vocabulary at width 48, so that nearly all of its parameters are word vectors."""
    vocabulary = tokens.vocabulary()
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(vocabulary),
            hidden_size=POOLED_WIDTH,
            intermediate_size=2 * POOLED_WIDTH,
            projection_dim=POOLED_WIDTH,
            num_hidden_layers=2,
            num_attention_heads=3,
            max_position_embeddings=tokens.MAXIMUM_TOKENS,
            bos_token_id=vocabulary[tokens.START_OF_TEXT],
            eos_token_id=vocabulary[tokens.END_OF_TEXT],
            pad_token_id=vocabulary[tokens.END_OF_TEXT],
        )
    )


def t5_encoder() -> T5EncoderModel:
    """What the transformer attends to: three layers of width 192."""
    return T5EncoderModel(
        T5Config(
            vocab_size=subwords.PIECES,
            d_model=TEXT_WIDTH,
            d_kv=64,
            d_ff=2 * TEXT_WIDTH,
            num_layers=3,
            num_heads=3,
            dropout_rate=0.0,
            feed_forward_proj="gated-gelu",
            is_encoder_decoder=False,
            use_cache=False,
        )
    )


def scheduler() -> FlowMatchEulerDiscreteScheduler:
    """FLUX.1-dev's own: the shift of the noise levels grows with the picture."""
    return FlowMatchEulerDiscreteScheduler(
        shift=3.0, use_dynamic_shifting=True, base_shift=0.5, max_shift=1.15, base_image_seq_len=256, max_image_seq_len=4096
    )


def clip_tokenizer() -> CLIPTokenizer:
    """CLIP-L's tokenizer: the real vocabulary, 77 tokens."""
    return CLIPTokenizer(vocab=tokens.vocabulary(), merges=tokens.merges(), model_max_length=tokens.MAXIMUM_TOKENS)  # pyright: ignore[reportArgumentType]


def t5_tokenizer() -> PreTrainedTokenizerFast:
    """The subword tokenizer in the T5 slot: 192 tokens."""
    return PreTrainedTokenizerFast(
        tokenizer_object=subwords.tokenizer(),
        model_max_length=subwords.MAXIMUM_TOKENS,
        pad_token=subwords.PAD,
        eos_token=subwords.END,
        unk_token=subwords.UNKNOWN,
    )
