"""Makes one picture from a shell in the pod, without the worker: `python -m fluxpod.generate PROMPT OUT.png [--steps N …]`."""

import argparse
import errno
import os
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from fluxpod.activity import Activity
from fluxpod.api.error_replies import describe_invalid
from fluxpod.engine import libraries
from fluxpod.engine.denoise import encode, make_picture
from fluxpod.engine.failure import EngineError, explain
from fluxpod.engine.load import ModelName, Models
from fluxpod.engine.picture_file import encode_png
from fluxpod.pod_contract import MODEL, MODEL_SOURCE, ROOT, PodPaths
from fluxpod.protocol import LARGEST_SEED, JobRequest
from fluxpod.standing import Standing
from fluxpod.whole_files import write_whole

EXIT_USAGE = 2
EXIT_FAILED = 7
EXIT_NOT_SAVED = 9
EXIT_INTERRUPTED = 130


@dataclass(frozen=True)
class Defaults:
    """What a model's makers recommend."""

    side_pixels: int
    steps: int
    guidance: float
    maximum_sequence_length: int


EMBEDDED = Defaults(256, 20, 3.5, 192)
SCHNELL = Defaults(1024, 4, 0.0, 256)
FLUX = Defaults(1024, 28, 3.5, 512)


def defaults_of(source: str) -> Defaults:
    """Given a model's source, return its defaults."""
    if source == "embedded":
        return EMBEDDED
    return SCHNELL if "schnell" in source.lower() else FLUX


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Given the words after the command, return what they say; leave with code 2 when they cannot be understood."""
    parser = argparse.ArgumentParser("python -m fluxpod.generate", description=__doc__)
    parser.add_argument("prompt")
    parser.add_argument("out", type=Path, help="the picture's file; it ends in .png")
    parser.add_argument("--model", default=os.environ.get(MODEL_SOURCE) or "embedded", help="embedded, a hub id, or an absolute folder")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--seed", type=int, help="without it, one is drawn and said")
    parser.add_argument("--width", type=int)
    parser.add_argument("--height", type=int)
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    return parser.parse_args(words)


def request_of(said: argparse.Namespace) -> JobRequest:
    """Given what was said, return the whole recipe; raise ValidationError."""
    usual = defaults_of(said.model)
    return JobRequest(
        model=os.environ.get(MODEL, "") if said.model == os.environ.get(MODEL_SOURCE) else said.model,
        source=said.model,
        prompt=said.prompt,
        width=usual.side_pixels if said.width is None else said.width,
        height=usual.side_pixels if said.height is None else said.height,
        steps=usual.steps if said.steps is None else said.steps,
        guidance=usual.guidance if said.guidance is None else said.guidance,
        maximum_sequence_length=usual.maximum_sequence_length,
        seeds=(secrets.randbelow(LARGEST_SEED) if said.seed is None else said.seed,),
    )


def make(request: JobRequest, say: Callable[[str], None]) -> bytes:
    """Given a recipe of one picture, return it as a PNG file with the recipe inside; raise what the engine raises."""
    cache = PodPaths(Path(os.environ.get(ROOT, "") or "/")).cache
    say(f"loading {request.source}")
    libraries.prepare()
    model = Models(cache, Standing(Activity())).get(ModelName(request.model, request.source))
    say(f"seed {request.seeds[0]}, {request.width}x{request.height}, {request.steps} steps on {model.plan.device}")
    began = time.monotonic()
    embeddings = encode(model.pipeline, request)

    def step_done(step: int, steps: int) -> None:
        say(f"step {step} of {steps}, {time.monotonic() - began:.1f} s")

    pixels = make_picture(model.pipeline, embeddings, request, request.seeds[0], step_done)
    return encode_png(pixels, {"fluxpod": request.model_dump_json(exclude_defaults=True)})


def why_not_there(out: Path, force: bool) -> str:
    """Given where the picture is to lie, return why it cannot; empty when it can."""
    if out.suffix.lower() != ".png":
        return f"{out} does not end in .png"
    if not out.parent.is_dir():
        return f"there is no folder {out.parent}; mkdir -p {out.parent}"
    if out.is_dir():
        return f"{out} is a folder"
    return f"{out} exists; --force replaces it" if out.exists() and not force else ""


def main(words: Sequence[str] | None = None) -> int:
    """Make the picture that the command's words ask for; return the exit code."""
    try:
        return _run(parse(sys.argv[1:] if words is None else words))
    except KeyboardInterrupt:
        return _refuse("interrupted; no picture was made", EXIT_INTERRUPTED)


def _run(said: argparse.Namespace) -> int:
    if problem := why_not_there(said.out, said.force):
        return _refuse(problem, EXIT_USAGE)
    try:
        request = request_of(said)
    except ValidationError as error:
        return _refuse(describe_invalid(error.errors()), EXIT_USAGE)
    try:
        picture = make(request, _say)
    except Exception as error:  # noqa: BLE001 - the libraries raise anything; people get a sentence
        hint = "; the worker holds the device's memory as well" if explain(error).code == "out_of_memory" else ""
        return _refuse(f"{error.message if isinstance(error, EngineError) else explain(error).message}{hint}", EXIT_FAILED)
    try:
        _publish(said.out, picture, force=said.force)
    except OSError as error:
        return _refuse(f"{said.out} cannot be written: {error.strerror or error}", EXIT_NOT_SAVED)
    sys.stdout.write(f"{said.out}\n")
    return 0


def _publish(out: Path, picture: bytes, *, force: bool) -> None:
    """Put the picture there whole or not at all; without `force` raise FileExistsError for a file that came meanwhile."""
    if force:
        write_whole(out, picture)
        return
    aside = out.with_name(f".{out.name}.{os.getpid()}")
    write_whole(aside, picture)
    try:
        os.link(aside, out)
    except FileExistsError:
        raise
    except OSError:  # some network volumes know no second name for a file
        if out.exists():
            raise FileExistsError(errno.EEXIST, "it exists by now; --force replaces it") from None
        out.write_bytes(picture)
    finally:
        aside.unlink()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _refuse(text: str, code: int) -> int:
    sys.stderr.write(f"error: {text}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
