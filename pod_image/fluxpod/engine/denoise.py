"""Makes one picture: text in, pixels out, a word after every step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fluxpod.engine.failure import EngineError
from fluxpod.engine.libraries import import_module
from fluxpod.engine.text import clip_text
from fluxpod.protocol import JobRequest

StepReport = Callable[[int, int], None]
"""Told (step from 1, steps that really run) after every step; what it raises ends the picture."""


@dataclass(frozen=True)
class Embeddings:
    """A recipe's text as the transformer reads it; the negative one only with true guidance."""

    tokens: Any
    pooled: Any
    negative_tokens: Any = None
    negative_pooled: Any = None


def encode(pipeline: Any, request: JobRequest) -> Embeddings:
    """Given a recipe, return its text's embeddings: CLIP reads `clip_prompt` if there is one, T5 the whole prompt."""
    tokens, pooled = _encoded(pipeline, request, clip_text(request), request.prompt)
    if request.true_cfg is None:
        return Embeddings(tokens, pooled)
    negative = request.negative_prompt or ""
    return Embeddings(tokens, pooled, *_encoded(pipeline, request, negative, negative))


def _encoded(pipeline: Any, request: JobRequest, clip: str, t5: str) -> tuple[Any, Any]:
    with import_module("torch").no_grad():
        # A list, for diffusers takes an empty string for "the same as CLIP's".
        tokens, pooled, _ = pipeline.encode_prompt(prompt=[clip], prompt_2=[t5], max_sequence_length=request.maximum_sequence_length)
    return tokens, pooled


def make_picture(pipeline: Any, embeddings: Embeddings, request: JobRequest, seed: int, report: StepReport) -> Any:
    """Given encoded text and a seed, return the picture's RGB bytes as an array of height x width x 3.

    Raise EngineError for a size the model cannot make and for a picture that is not finite, and whatever `report` raises.
    The pipeline is left as if it had not been used.
    """
    _check_size(pipeline, request)
    torch = import_module("torch")
    try:
        output = pipeline(
            prompt_embeds=embeddings.tokens,
            pooled_prompt_embeds=embeddings.pooled,
            negative_prompt_embeds=embeddings.negative_tokens,
            negative_pooled_prompt_embeds=embeddings.negative_pooled,
            true_cfg_scale=request.true_cfg or 1.0,
            width=request.width,
            height=request.height,
            num_inference_steps=request.steps,
            guidance_scale=request.guidance,
            max_sequence_length=request.maximum_sequence_length,
            generator=torch.Generator("cpu").manual_seed(seed),
            callback_on_step_end=_callback(torch, report),
            output_type="np",
        )
        return _to_bytes(output.images[0])
    finally:
        leave_clean(pipeline)


def leave_clean(pipeline: Any) -> None:
    """Undo what a picture, and most of all one that ended early, leaves in pipeline and hooks."""
    pipeline._interrupt = False
    pipeline._current_timestep = None
    scheduler = pipeline.scheduler
    pipeline.scheduler = scheduler.from_config(scheduler.config)
    if hasattr(pipeline.transformer, "_reset_stateful_cache"):
        pipeline.transformer._reset_stateful_cache()
    pipeline.maybe_free_model_hooks()


def _callback(torch: Any, report: StepReport) -> Callable[..., dict[str, Any]]:
    def step_ended(pipeline: Any, step_from_0: int, _timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        latents = tensors["latents"]
        if latents.is_cuda:
            torch.cuda.synchronize()  # or the report would run ahead of the device, and a cancel behind it
        if step_from_0 + 1 == pipeline.num_timesteps and not torch.isfinite(latents).all():
            raise _not_finite()
        report(step_from_0 + 1, pipeline.num_timesteps)
        return {}

    return step_ended


def _check_size(pipeline: Any, request: JobRequest) -> None:
    multiple = pipeline.vae_scale_factor * 2
    if request.width % multiple or request.height % multiple:
        raise EngineError(
            "size_not_possible", f"this model makes sizes that are multiples of {multiple}, not {request.width}x{request.height}"
        )


def _to_bytes(picture: Any) -> Any:
    numpy = import_module("numpy")
    if not numpy.isfinite(picture).all():
        raise _not_finite()
    return (picture * 255).round().astype(numpy.uint8)


def _not_finite() -> EngineError:
    return EngineError("not_finite", "the model gave numbers that are no picture (infinite or not a number)")
