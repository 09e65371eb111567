"""The folder that the embedded model is loaded from is whole, or is not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fluxpod.embedded import folder

BUILD = "import sys; from pathlib import Path; from fluxpod.embedded import folder; print(folder.random_model_folder(Path(sys.argv[1]), 0))"


def test_two_processes_build_one_folder(tmp_path: Path):
    cache = tmp_path / "cache"
    builders = [subprocess.Popen([sys.executable, "-c", BUILD, str(cache)], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [builder.communicate(timeout=200)[0].strip().splitlines()[-1] for builder in builders]
    assert said == [str(cache / "embedded-random-0")] * 2
    assert [path.name for path in cache.iterdir()] == ["embedded-random-0"]
    built = cache / "embedded-random-0"
    assert (built / "model_index.json").is_file()
    assert sum(path.stat().st_size for path in built.rglob("*.safetensors")) < 30_000_000
    again = folder.random_model_folder(cache, 0)
    assert again == built


def test_shipped_weights_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "model_index.json").write_text("{}")
    monkeypatch.setattr(folder, "SHIPPED", tmp_path)
    assert folder.embedded_model_folder(tmp_path / "unused") == tmp_path
    assert not (tmp_path / "unused").exists()


def test_a_folder_without_a_model_in_the_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def write_something(target: Path, seed: int) -> None:
        (target / "file").write_text(str(seed))

    monkeypatch.setattr(folder, "_build_into", write_something)
    blocked = tmp_path / "embedded-random-7"
    blocked.mkdir()
    (blocked / "keep").write_text("")
    with pytest.raises(FileNotFoundError, match="embedded-random-7"):
        folder.random_model_folder(tmp_path, 7)
    assert [path.name for path in tmp_path.iterdir()] == ["embedded-random-7"]
