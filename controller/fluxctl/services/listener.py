"""What a running command tells whoever shows it; services call it and print nothing themselves."""

from typing import Protocol

from fluxctl.pods.progress import Progress
from fluxctl.services.enhancement import Enhancement
from fluxctl.services.outcome import Made
from fluxpod.protocol import StepEvent


class Listener(Protocol):
    """Hears of progress. A listener never raises."""

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

    def step(self, event: StepEvent, picture: int, pictures: int) -> None:
        """Hear of a denoising step of picture number `picture`, from 1, of all the command's `pictures`."""
        ...

    def saved(self, made: Made, picture: int, pictures: int) -> None:
        """Hear that a picture is on this computer."""
        ...
