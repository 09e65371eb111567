"""Tells a person how a generation goes: the listener that draws on the terminal."""

from fluxctl.output.plain import one_line
from fluxctl.output.progress import Moment, ProgressDisplay
from fluxctl.pods.progress import Progress, Stage
from fluxctl.services.enhancement import Enhancement
from fluxctl.services.outcome import Made
from fluxpod.protocol import StepEvent


def enhancement_lines(enhancement: Enhancement) -> tuple[str, str]:
    """Given a prompt that was rewritten, return the lines that show both."""
    how = "cached" if enhancement.cached else f"{enhancement.seconds:.1f} s"
    return (
        f"prompt   {one_line(enhancement.prompt)} (typed)",
        f"enhanced {one_line(enhancement.better)} ({enhancement.model}, {how})",
    )


class Display:
    """A `services.listener.Listener` over a progress display."""

    def __init__(self, progress: ProgressDisplay) -> None:
        self.progress = progress
        self._stage: Stage | None = None
        self._position = 0

    def note(self, text: str) -> None:
        """Print a sentence."""
        self.progress.say(text)

    def warn(self, text: str) -> None:
        """Print a warning."""
        self.progress.warn(text)

    def phase(self, progress: Progress) -> None:
        """Print each stage once."""
        if progress.stage is not self._stage:
            self._stage = progress.stage
            detail = f": {progress.detail}" if progress.detail else ""
            self.progress.say(f"worker   {progress.stage}{detail}")

    def enhanced(self, enhancement: Enhancement) -> None:
        """Print both prompts."""
        for line in enhancement_lines(enhancement):
            self.progress.say(line)

    def queued(self, position: int) -> None:
        """Say when other jobs come first."""
        if position and position != self._position:
            self.progress.say(f"queued   {position} {'job comes' if position == 1 else 'jobs come'} first")
        self._position = position

    def step(self, event: StepEvent, picture: int, pictures: int) -> None:
        """Move the bar."""
        self.progress.show(Moment(picture, pictures, event.step, event.steps, event.iterations_per_second, event.seconds_left))

    def saved(self, made: Made, picture: int, pictures: int) -> None:
        """Print the path, with seed and seconds."""
        which = f"{picture}/{pictures} · " if pictures > 1 else ""
        text = f"saved    {which}seed {made.recipe.seed} · {made.result.duration_seconds:.1f} s"
        self.progress.saved(made.path, text)
