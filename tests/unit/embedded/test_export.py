"""What training leaves behind becomes the folder that ships, and what it is judged by stays the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from fluxpod.embedded import captions, card, checkpoint, drawn, export, prompts, scenes, train_autoencoder
from fluxpod.embedded.measuring import Share, measure
from fluxpod.embedded.network import Network
from fluxpod.embedded.prompts import Asked
from fluxpod.embedded.scenes import Figure, Scene
from fluxpod.embedded.scoring import Verdict


@pytest.fixture
def training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(train_autoencoder, "MEASURED_PICTURES", 2)
    network, folder = Network.untrained(3), tmp_path / "training"
    texts = {name: weight.detach() for name, weight in network.named_parameters() if not name.startswith("transformer")}
    transformer = {name: weight.detach() + 0.25 for name, weight in network.transformer.named_parameters()}
    checkpoint.save(folder / "texts.pt", {"masters": {"average": texts}})
    checkpoint.save(folder / "transformer.pt", {"masters": {"average": transformer}, "step": 7, "seed": 0})
    model = train_autoencoder.architecture.autoencoder()
    checkpoint.save(folder / "autoencoder.pt", {"model": model.state_dict()})
    return folder


def test_the_averaged_weights_are_exported_in_half_precision(training: Path, tmp_path: Path):
    target = tmp_path / "weights"
    target.mkdir()
    (target / "README.md").write_text("a card")
    (target / "stale.safetensors").write_text("old")
    assert export.export(training, target) == (7, 0)
    assert (target / "README.md").read_text() == "a card"
    assert not (target / "stale.safetensors").exists()
    assert json.loads((target / export.STEP_FILE).read_text())["step"] == 7
    pipeline = drawn.open_pipeline(target, torch.float16)
    state = checkpoint.load(training / "transformer.pt")
    assert state is not None
    for name, weight in pipeline.transformer.named_parameters():
        assert torch.equal(weight, state["masters"]["average"][name].half()), name
    assert pipeline.vae.config.scaling_factor != 1.0
    assert list(tmp_path.glob(".weights*")) == []


def test_weights_that_follow_the_guidance_go_before_those_that_do_not(training: Path, tmp_path: Path):
    state = checkpoint.load(training / "transformer.pt")
    assert state is not None
    guided = {name: weight + 0.5 for name, weight in state["masters"]["average"].items()}
    checkpoint.save(training / "guidance.pt", {"masters": {"weights": guided}, "step": 5, "seed": 0})
    assert export.export(training, tmp_path / "weights") == (7, 5)
    pipeline = drawn.open_pipeline(tmp_path / "weights", torch.float16)
    name, weight = next(iter(pipeline.transformer.named_parameters()))
    assert torch.equal(weight, guided[name].half())


def test_without_a_run_nothing_is_exported(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match="no training run"):
        export.export(tmp_path, tmp_path / "weights")
    assert not (tmp_path / "weights").exists()


def test_prompts_are_held_out_and_a_longer_list_starts_like_a_shorter_one():
    short, long = prompts.held_out_prompts(10), prompts.held_out_prompts(30)
    assert long[:10] == short
    assert all(scenes.held_out(each.scene) for each in long)
    assert [len(each.scene.figures) for each in long[:4]] == [1, 2, 1, 2]
    assert all(each.prompt for each in long)
    buried = [each for each in prompts.held_out_prompts(300) if captions.tokens.count(each.prompt) > captions.LONG_FILLER_TOKENS]
    assert 0.13 < len(buried) / 300 < 0.27


def test_shares_are_counted_over_what_was_asked():
    one, two = Scene("red", (Figure("blue", "star"),)), Scene("red", (Figure("blue", "star"), Figure("white", "ring")), "above")
    asked = [Asked("", one, 0), Asked("", one, 1), Asked("", two, 2)]
    right = Verdict(background=True, figures=(True,), relation=True, nothing_else=True)
    wrong = Verdict(background=False, figures=(True,), relation=True, nothing_else=False)
    score = measure(asked, [right, wrong, right])
    assert (score.background, score.one, score.two, score.whole) == (Share(2, 3), Share(1, 2), Share(1, 1), Share(2, 3))
    assert score.lines()[1] == "single shape with colour    50.0 %   (1 of 2)"
    assert measure([], []).one.percent == 0.0
    written = card.text(score, 7, 11, "float32")
    assert "| single shape with its colour | 50.0 % | ± 35.4 | 2 |" in written
    assert "weights of\ntraining step 7, guidance step 11" in written
