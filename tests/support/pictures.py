"""Pictures as a worker makes them, and users who save them."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from fluxctl.environment import Environment
from fluxctl.pictures.destination import Destination
from fluxctl.pictures.save import SavedPicture, save_picture
from fluxctl.recipe import PromptText, Recipe
from fluxpod.protocol import EnginePlan, pixels_sha256

NOON = 1_800_000_000.0
"""In January 2027."""
JOB_ID = "ab" * 16
A_PLAN = EnginePlan(device="cpu", precision="float32", versions={"torch": "2.13.0", "diffusers": "0.42.1"})


@dataclass(frozen=True)
class Work:
    """A picture as the worker hands it over."""

    png: bytes
    sha256: str
    pixels: bytes


def a_user(folder: Path, **variables: str) -> Environment:
    """Return the world of a user whose files all lie under one folder, at a fixed time."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    every = {"FLUXCTL_HOME": str(folder / "fluxctl"), "HOME": str(home), "PATH": "", **variables}
    streams = {name: io.StringIO() for name in ("stdin", "stdout", "stderr")}
    return Environment(**streams, variables=every, working_folder=folder, now=lambda: NOON)


def some_work() -> Work:
    """Return a small picture with many colours."""
    image = Image.frombytes("RGB", (32, 16), bytes((place * 7) % 256 for place in range(32 * 16 * 3)))
    target = io.BytesIO()
    image.save(target, "PNG")
    return Work(target.getvalue(), pixels_sha256(32, 16, image.tobytes()), image.tobytes())


def a_recipe(prompt: str = "a lighthouse in fog", *, seed: int = 184467, source: str = "embedded", model: str = "embedded") -> Recipe:
    """Return a recipe for that picture."""
    text = PromptText(typed=prompt, used=prompt)
    return Recipe(
        model=model, source=source, prompt=text, width=32, height=16, steps=28, guidance=3.5, maximum_sequence_length=256, seed=seed
    )


def save(recipe: Recipe, destination: Destination, environment: Environment) -> SavedPicture:
    """Save that picture as made from a recipe."""
    work = some_work()
    return save_picture(work.png, work.sha256, recipe=recipe, plan=A_PLAN, destination=destination, environment=environment, job_id=JOB_ID)
