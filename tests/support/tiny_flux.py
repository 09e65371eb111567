"""Builds a FLUX pipeline folder with random weights, so small that a picture takes a few hundredths of a second."""

import sys
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast, T5Config, T5EncoderModel

WIDTH = 32
_WORDS = ("[pad]", "[unknown]", "a", "red", "green", "blue", "circle", "square", "star", "on", "fox", "snow", "[end]")


def build_tiny_flux(folder: Path, *, seed: int = 0, broken: bool = False, blocks: int = 1) -> Path:
    """Given a folder, save a pipeline there and return the folder; a broken one yields what is not a number; `blocks` of each kind."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        parts: dict[str, Any] = {
            "transformer": _transformer(blocks),
            "vae": _autoencoder(),
            "text_encoder": _clip_encoder(),
            "text_encoder_2": _t5_encoder(),
        }
    if broken:
        parts["transformer"].proj_out.bias.data.fill_(float("nan"))
    scheduler = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True)
    pipeline = FluxPipeline(scheduler=scheduler, tokenizer=_tokenizer(77), tokenizer_2=_tokenizer(64), **parts)
    pipeline.save_pretrained(folder)
    return folder


def _transformer(blocks: int) -> FluxTransformer2DModel:
    return FluxTransformer2DModel(
        in_channels=16,
        num_layers=blocks,
        num_single_layers=blocks,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=WIDTH,
        pooled_projection_dim=WIDTH,
        guidance_embeds=True,
        axes_dims_rope=(4, 4, 8),
    )


def _autoencoder() -> AutoencoderKL:
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(4, 4, 4, 4),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=1,
        use_quant_conv=False,
        use_post_quant_conv=False,
        shift_factor=0.0609,
        scaling_factor=1.5035,
        mid_block_add_attention=False,
    )


def _clip_encoder() -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(_WORDS),
            bos_token_id=0,
            hidden_size=WIDTH,
            intermediate_size=37,
            projection_dim=WIDTH,
            num_hidden_layers=1,
            num_attention_heads=4,
            eos_token_id=len(_WORDS) - 1,
            pad_token_id=0,
        )
    )


def _t5_encoder() -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(
            vocab_size=len(_WORDS),
            d_model=WIDTH,
            d_kv=8,
            d_ff=37,
            num_layers=1,
            num_heads=4,
            feed_forward_proj="gated-gelu",
            is_encoder_decoder=False,
            use_cache=False,
        )
    )


def _tokenizer(maximum_tokens: int) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(_WORDS)}, unk_token="[unknown]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single="$A [end]", special_tokens=[("[end]", _WORDS.index("[end]"))])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=maximum_tokens,
        pad_token="[pad]",
        unk_token="[unknown]",
        eos_token="[end]",
    )


if __name__ == "__main__":
    build_tiny_flux(Path(sys.argv[1]), broken="broken" in sys.argv[2:], blocks=2 if "two_blocks" in sys.argv[2:] else 1)
