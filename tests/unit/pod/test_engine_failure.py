"""How failures are told, and which models can be named."""

import errno
from pathlib import Path

import pytest

from fluxpod.engine.failure import EngineError, explain
from fluxpod.engine.source import is_hub_id, model_folder


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (EngineError("model_gated", "x"), "model_gated"),
        (OSError(errno.ENOSPC, "No space left on device"), "volume_full"),
        (OutOfMemoryError("CUDA"), "out_of_memory"),
        (MemoryError(), "out_of_memory"),
        (ValueError("odd"), "engine_error"),
    ],
)
def test_every_failure_has_a_code_and_a_message(error: Exception, code: str) -> None:
    problem = explain(error)
    assert problem.code == code
    assert problem.message


@pytest.mark.parametrize("source", ["black-forest-labs/FLUX.1-dev", "a/b", "A_1.x/y-2"])
def test_a_hub_id_is_known_as_one(source: str) -> None:
    assert is_hub_id(source)


@pytest.mark.parametrize("source", ["embedded", "/a/b", "a/b/c", "a", "../b/c", "https://x/y", "a/b\n", ""])
def test_what_is_no_hub_id_is_not_asked_of_the_hub(source: str) -> None:
    assert not is_hub_id(source)


def test_a_folder_is_taken_only_if_it_holds_a_model(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        model_folder(str(tmp_path), None, tmp_path, lambda _size, _total: None)
    assert caught.value.code == "model_missing"
    (tmp_path / "model_index.json").write_text("{}")
    assert model_folder(str(tmp_path), None, tmp_path, lambda _size, _total: None) == tmp_path
    with pytest.raises(EngineError) as caught:
        model_folder("relative/to/something", None, tmp_path, lambda _size, _total: None)
    assert caught.value.code == "bad_source"
