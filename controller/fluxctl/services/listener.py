"""What a running command tells whoever shows it; services call it and print nothing themselves."""

from pathlib import Path
from typing import Protocol

from fluxctl.pods.progress import Progress
from fluxctl.recipe import Recipe
from fluxctl.services.enhancement import Enhancement
from fluxctl.services.forecast import Standing
from fluxctl.services.outcome import Made
from fluxpod.protocol import StepEvent, TextReport


class Listener(Protocol):
    """Hears of progress. A listener never raises."""

    def aside(self) -> "Listener":
        """Return who hears of pictures that the command did not ask for: those that an earlier one left behind."""
        ...

    def note(self, text: str) -> None:
        """Hear a sentence worth telling once."""
        ...

    def warn(self, text: str) -> None:
        """Hear of something that went wrong and was dealt with."""
        ...

    def phase(self, progress: Progress) -> None:
        """Hear where a worker stands on its way up."""
        ...

    def enhanced(self, enhancement: Enhancement) -> None:
        """Hear of a prompt that was rewritten."""
        ...

    def queued(self, position: int) -> None:
        """Hear that a job waits behind `position` others."""
        ...

    def text(self, text: TextReport, recipe: Recipe) -> None:
        """Hear once for each job how the prompt of this recipe went into the encoders."""
        ...

    def step(self, event: StepEvent, standing: Standing) -> None:
        """Hear of a denoising step, and where the whole command stands."""
        ...

    def sheet(self, path: Path) -> None:
        """Hear that a contact sheet is on this computer."""
        ...

    def saved(self, made: Made, picture: int, pictures: int) -> None:
        """Hear that a picture is on this computer."""
        ...
