"""What an interrupted picture leaves in a pipeline never reaches the next one, hooks with a memory included."""

from pathlib import Path
from typing import Any

import pytest
from tests.support.worker_process import recipe

from fluxpod.engine.denoise import encode, make_picture
from fluxpod.protocol import JobRequest

STEPS = 6


class Interrupted(Exception):
    """Raised from a step."""


def _pipeline(folder: Path, *, with_cache: bool) -> Any:
    import torch
    from diffusers import FirstBlockCacheConfig, FluxPipeline

    pipeline = FluxPipeline.from_pretrained(folder, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    if with_cache:
        pipeline.transformer.enable_cache(FirstBlockCacheConfig(threshold=1e9))
    return pipeline


def _picture(pipeline: Any, request: JobRequest, *, stop_at: int = 0) -> bytes:
    def report(step: int, steps: int) -> None:
        assert steps == STEPS
        if step == stop_at:
            raise Interrupted

    return make_picture(pipeline, encode(pipeline, request), request, request.seeds[0], report).tobytes()


@pytest.mark.parametrize("with_cache", [False, True])
@pytest.mark.parametrize("stop_at", [1, 3, STEPS])
def test_a_picture_after_an_interrupted_one_is_that_of_a_fresh_pipeline(two_blocks: Path, with_cache: bool, stop_at: int) -> None:
    request = JobRequest.model_validate(recipe(str(two_blocks), steps=STEPS))
    other = JobRequest.model_validate(recipe(str(two_blocks), steps=STEPS, prompt="a green star", seeds=[99]))
    expected = _picture(_pipeline(two_blocks, with_cache=with_cache), request)
    used = _pipeline(two_blocks, with_cache=with_cache)
    with pytest.raises(Interrupted):
        _picture(used, other, stop_at=stop_at)
    assert _picture(used, request) == expected
    assert _picture(used, other) != expected
    assert _picture(used, request) == expected
