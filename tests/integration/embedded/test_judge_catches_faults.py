"""The judge and the embedded model together tell a sound engine from a broken one; each fault is made here and must be caught."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from diffusers import FluxPipeline

from fluxpod.embedded import captions, drawn, folder
from fluxpod.embedded.drawing import Picture
from fluxpod.embedded.scenes import Figure, Scene
from fluxpod.embedded.scoring import score

pytestmark = pytest.mark.skipif(not (folder.SHIPPED / "model_index.json").is_file(), reason="no trained weights are shipped yet")

Draw = Callable[[str, str, int], Picture]
"""What an engine does: from CLIP's text, T5's text and a seed to a picture."""

SCENES = [
    Scene("blue", (Figure("red", "circle"),)),
    Scene("white", (Figure("green", "square"),)),
    Scene("yellow", (Figure("purple", "triangle", "large"),)),
]


@pytest.fixture(scope="module")
def pipeline() -> FluxPipeline:
    return drawn.open_pipeline(folder.SHIPPED)


@pytest.fixture
def sound(pipeline: FluxPipeline) -> Draw:
    return lambda clip, t5, seed: drawn.pictures(pipeline, [(clip, t5)], [seed])[0]


def reads_both_texts_in_their_places(draw: Draw) -> bool:
    """T5's text decides what is shown; CLIP is given another scene. The first two that come out whole are enough."""
    right = 0
    for number, scene in enumerate(SCENES):
        other = SCENES[(number + 1) % len(SCENES)]
        right += score(draw(captions.plain(other), captions.plain(scene), number), scene).whole
    return right >= 2


def obeys_the_seed(draw: Draw) -> bool:
    """The same seed gives the same pixels, another one gives others."""
    text = captions.plain(SCENES[0])
    first, again, other = (draw(text, text, seed) for seed in (1, 1, 2))
    return np.array_equal(first, again) and not np.array_equal(first, other)


def shows_the_scene(draw: Draw) -> bool:
    """Plain scenes come out whole, each of them."""
    texts = [captions.plain(scene) for scene in SCENES]
    return all(score(draw(text, text, 3), scene).whole for text, scene in zip(texts, SCENES, strict=True))


def test_a_sound_engine_passes(sound: Draw):
    assert reads_both_texts_in_their_places(sound)
    assert obeys_the_seed(sound)
    assert shows_the_scene(sound)


def test_swapping_prompt_and_prompt_2_is_caught(sound: Draw):
    assert not reads_both_texts_in_their_places(lambda clip, t5, seed: sound(t5, clip, seed))


def test_ignoring_the_seed_is_caught(sound: Draw):
    assert not obeys_the_seed(lambda clip, t5, seed: sound(clip, t5, 0))


def test_a_seed_that_is_not_used_again_is_caught(sound: Draw):
    seeds = iter(range(10))
    assert not obeys_the_seed(lambda clip, t5, seed: sound(clip, t5, next(seeds)))


@pytest.mark.parametrize("lost", ["columns", "first channels", "last channels"])
def test_decoding_half_a_latent_is_caught(pipeline: FluxPipeline, sound: Draw, monkeypatch: pytest.MonkeyPatch, lost: str):
    decode = pipeline.vae.decode

    def decode_half(latents: torch.Tensor, **options: object) -> object:
        halved = latents.clone()
        if lost == "columns":
            halved[..., latents.shape[-1] // 2 :] = 0
        elif lost == "first channels":
            halved[:, : latents.shape[1] // 2] = 0
        else:
            halved[:, latents.shape[1] // 2 :] = 0
        return decode(halved, **options)

    monkeypatch.setattr(pipeline.vae, "decode", decode_half)
    assert not shows_the_scene(sound)
