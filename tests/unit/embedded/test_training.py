"""Training sees what the pipeline will show it, and a stopped run goes on as if it had not been stopped."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import torch
from diffusers import FluxPipeline
from diffusers.models.transformers.transformer_flux import FluxAttnProcessor

from fluxpod.embedded import (
    architecture,
    batches,
    captions,
    checkpoint,
    network,
    palette,
    reading,
    scenes,
    stages,
    train_autoencoder,
    train_guidance,
)
from fluxpod.embedded.network import Network
from fluxpod.embedded.optimizing import Masters
from fluxpod.embedded.scenes import Figure, Scene


@pytest.fixture(scope="module")
def model() -> Network:
    built = Network.untrained(0)
    for weight in built.transformer.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.05)
    return built


def test_latents_are_packed_as_the_pipeline_packs_them():
    latents = torch.randn(2, 16, 24, 42)
    packed = batches.pack(latents)
    assert torch.equal(packed, FluxPipeline._pack_latents(latents, 2, 16, 24, 42))
    assert torch.equal(batches.unpack(packed, 336, 192), latents)
    assert torch.equal(batches.unpack(packed, 336, 192), FluxPipeline._unpack_latents(packed, 192, 336, 8))


def test_native_positions_are_the_pipelines_and_small_ones_lie_among_them():
    expected = FluxPipeline._prepare_latent_image_ids(1, 16, 16, torch.device("cpu"), torch.float32)
    assert torch.equal(batches.positions(256, 256), expected)
    small = batches.positions(128, 128)
    assert len(small) == 64
    assert torch.allclose(small.mean(0), expected.mean(0))


def test_plain_attention_is_flux_attention(model: Network):
    mixed, level, guidance = torch.randn(2, 64, 64), torch.tensor([0.3, 0.9]), torch.tensor([3.5, 3.5])
    texts, places = (torch.randn(2, 48), torch.randn(2, 20, 192)), batches.positions(128, 128)
    with torch.no_grad():
        plain = model.velocity(mixed, level, guidance, texts, places)
        model.transformer.set_attn_processor(FluxAttnProcessor())
        fused = model.velocity(mixed, level, guidance, texts, places)
    assert plain.std() > 0.01
    assert torch.allclose(plain, fused, atol=1e-4)


def test_a_short_row_for_clip_means_what_a_full_one_means(model: Network):
    short, _ = network.token_ids([("a red circle", ""), ("two", "")], 40)
    full = architecture.clip_tokenizer()(["a red circle", "two"], padding="max_length", return_tensors="pt").input_ids
    assert short.shape[1] < full.shape[1] == 77
    with torch.no_grad():
        assert torch.allclose(model.clip(short).pooler_output, model.clip(full).pooler_output, atol=1e-5)


def test_both_views_of_a_scene_have_the_same_answers():
    red, blue = Figure("red", "circle", "small"), Figure("blue", "star")
    first = reading.answers_about(Scene("white", (red, blue), "left of"))
    assert first == reading.answers_about(Scene("white", (blue, red), "right of"))
    assert first != reading.answers_about(Scene("white", (red, blue), "right of"))
    assert len(first) == len(reading.CLASSES)
    assert all(answer < count for answer, count in zip(first, reading.CLASSES, strict=True))
    assert first[-3:] == [len(palette.NAMES), 8, 3]


def test_where_the_texts_differ_t5_has_the_scene():
    random = Random(0)  # noqa: S311
    scene = Scene("cyan", (Figure("brown", "heart"),))
    clear = captions.Wording(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    pairs = [batches.two_texts(scene, random, clear) for _ in range(400)]
    assert 0.6 < sum(clip == t5 for clip, t5 in pairs) / 400 < 0.85
    for clip, t5 in pairs:
        told = t5 or clip
        assert any(name in told.lower() for name in captions.words.COLOURS["brown"])


def test_training_pools_hold_no_held_out_scene(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(batches, "SMALL_POOL_SAMPLES", 24)
    pool = batches.LatentPool(architecture.autoencoder(), 128, 128)
    lots, latents = pool.draw_lot(Random(1), 8)  # noqa: S311
    assert latents.shape == (8, 16, 16, 16)
    assert not any(scenes.held_out(scene) for scene, _ in pool.entries)
    assert len(lots) == 8


def test_stages_follow_each_other():
    first, second = stages.STAGES[:2]
    assert stages.stage_at(0) == (first, 0.0)
    assert stages.stage_at(first.steps) == (second, 0.0)
    assert stages.stage_at(stages.total_steps() + 5) == (stages.STAGES[-1], 1.0)


def step_once(masters: Masters, model: torch.nn.Module, seed: int) -> None:
    torch.manual_seed(seed)
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)
    masters.step(model, 1e-3)


def small_model() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.ModuleDict({"transformer_blocks": torch.nn.Linear(8, 12), "relative_attention_bias": torch.nn.Linear(3, 4)})


def test_weights_go_on_from_a_saved_state(tmp_path: Path):
    model = small_model()
    masters = Masters(model)
    step_once(masters, model, 1)
    checkpoint.save(tmp_path / "state.pt", {"masters": masters.state_dict()})
    step_once(masters, model, 2)
    other = small_model()
    resumed = Masters(other)
    state = checkpoint.load(tmp_path / "state.pt")
    assert state is not None
    resumed.load_state_dict(state["masters"])
    step_once(resumed, other, 2)
    for name, weight in masters.weights.items():
        assert torch.equal(weight, resumed.weights[name]), name
        assert torch.equal(masters.average[name], resumed.average[name]), name
    assert list(tmp_path.iterdir()) == [tmp_path / "state.pt"]


def test_guidance_moves_the_network_towards_what_two_passes_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small = stages.Stage("guidance", 3, ((64, 64, 4, 1.0),), 0.0, 1e-3, 1e-3)
    monkeypatch.setattr(train_guidance, "STAGE", small)
    monkeypatch.setattr(Network, "compile_blocks", lambda self: None)
    monkeypatch.setattr(batches, "SMALL_POOL_SAMPLES", 4)
    watched: list[int] = []
    network = Network.untrained(1)
    for weight in network.transformer.parameters():
        torch.nn.init.normal_(weight, std=0.05)  # untrained ones give zero whatever they read
    before = {name: weight.detach().clone() for name, weight in network.transformer.named_parameters()}
    autoencoder = architecture.autoencoder()
    train_guidance.train(tmp_path / "guidance.pt", autoencoder, network, 0, lambda _model, step: watched.append(step))
    state = checkpoint.load(tmp_path / "guidance.pt")
    assert state is not None and state["step"] == 3 and watched == [3]
    assert any(not torch.equal(before[name], weight) for name, weight in state["masters"]["weights"].items())
    assert train_guidance.weight(torch.tensor([1.0, 3.5])).tolist() == [1.0, 2.5]
    train_guidance.train(tmp_path / "guidance.pt", autoencoder, network, 0, lambda _model, step: watched.append(step))
    assert watched == [3], "a finished run trains no further"


def test_the_autoencoder_goes_on_where_it_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(train_autoencoder, "BATCH", 2)
    monkeypatch.setattr(train_autoencoder, "MEASURED_PICTURES", 2)
    monkeypatch.setattr(train_autoencoder, "_cosine", lambda share: 1.0)
    whole = train_autoencoder.train(tmp_path / "whole.pt", 0, torch.device("cpu"), steps=2)
    train_autoencoder.train(tmp_path / "parts.pt", 0, torch.device("cpu"), steps=1)
    parts = train_autoencoder.train(tmp_path / "parts.pt", 0, torch.device("cpu"), steps=2)
    for (name, first), second in zip(whole.state_dict().items(), parts.state_dict().values(), strict=True):
        assert torch.equal(first, second), name
    assert parts.config["scaling_factor"] == whole.config["scaling_factor"] != 1.0
