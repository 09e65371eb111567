"""Tells a person how a generation goes: the listener that draws on the terminal."""

from pathlib import Path

from fluxctl.output.moments import dollars
from fluxctl.output.plain import one_line
from fluxctl.output.progress import Moment, ProgressDisplay, duration
from fluxctl.pods.pace import Pace
from fluxctl.pods.progress import Progress, Stage
from fluxctl.recipe import Recipe
from fluxctl.services.enhancement import Enhancement
from fluxctl.services.forecast import Standing
from fluxctl.services.outcome import Made
from fluxpod.protocol import StepEvent, TextReport

_OF_THE_MACHINE = (Stage.ORDERED, Stage.RENTED, Stage.PULLING, Stage.CONNECTED)
_OF_EITHER = (Stage.STARTING, Stage.BOOTING, Stage.ENDING)
"""Of the machine where that costs money."""
SECONDS_BETWEEN_SIGNS = 10.0
"""While a worker comes up and nothing else is to be said."""


def _life(progress: Progress, seconds_left: float | None) -> list[str]:
    """Return what tells that a stage goes on: its bytes, how long they still take, its seconds, the money so far; last its detail, which
    a narrow terminal may cut."""
    parts: list[str] = []
    if progress.bytes_done is not None:
        of = f" of {progress.bytes_total / 1e9:.1f}" if progress.bytes_total else ""
        parts.append(f"{progress.bytes_done / 1e9:.1f}{of} GB")
    if seconds_left is not None:
        parts.append(f"{duration(seconds_left)} left")
    parts.append(f"{progress.seconds:.0f} s")
    if progress.cost_usd is not None:
        parts.append(f"{dollars(progress.cost_usd)} so far")
    return [*parts, progress.detail] if progress.detail else parts


def _subject(progress: Progress) -> str:
    """Return who is spoken of: the machine, until something on it answers, or the worker."""
    is_machine = progress.stage in _OF_THE_MACHINE or (progress.stage in _OF_EITHER and progress.cost_usd is not None)
    return "pod     " if is_machine else "worker  "


def enhancement_lines(enhancement: Enhancement) -> tuple[str, str]:
    """Given a prompt that was rewritten, return the lines that show both."""
    how = "cached" if enhancement.cached else f"{enhancement.seconds:.1f} s"
    return (
        f"prompt   {one_line(enhancement.prompt)} (typed)",
        f"enhanced {one_line(enhancement.better)} ({enhancement.model}, {how})",
    )


class Display:
    """A `services.listener.Listener` over a progress display."""

    def __init__(self, progress: ProgressDisplay, *, paths_are_data: bool = True) -> None:
        """`paths_are_data`: the paths of pictures are what the command prints on stdout; otherwise they are talk, of earlier orders."""
        self.progress = progress
        self._paths_are_data = paths_are_data
        self._pace = Pace()
        self._stage: Stage | None = None
        self._said_at = 0.0
        self._ordered = ""
        self._position = 0

    def aside(self) -> "Display":
        """Return a display that tells the paths of pictures, and does not print them as data."""
        return Display(self.progress, paths_are_data=False)

    def note(self, text: str) -> None:
        """Print a sentence."""
        self.progress.say(text)

    def warn(self, text: str) -> None:
        """Print a warning."""
        self.progress.warn(text)

    def phase(self, progress: Progress) -> None:
        """Print each stage once; then draw how it goes on, or where that cannot be drawn, print a sign of life now and then."""
        now = self.progress.sink.environment.monotonic()
        seconds_left = self._pace.seconds_left(progress, now)
        life = " · ".join(_life(progress, seconds_left))
        is_next_order = progress.stage is Stage.ORDERED and progress.detail != self._ordered
        if progress.stage is not self._stage or is_next_order:
            self._stage, self._said_at, self._ordered = progress.stage, now, progress.detail
            detail = f": {progress.detail}" if progress.detail else ""
            money = f" · {dollars(progress.cost_usd)} so far" if progress.cost_usd is not None else ""
            self.progress.say(f"{_subject(progress)} {progress.stage}{detail}{money}")
        elif not self.progress.sink.is_live and now - self._said_at >= SECONDS_BETWEEN_SIGNS:
            self._said_at = now
            self.progress.say(f"{_subject(progress)} {progress.stage}: {life}")
        self.progress.wait(f"{_subject(progress)} {progress.stage}: {life}")

    def enhanced(self, enhancement: Enhancement) -> None:
        """Print both prompts."""
        for line in enhancement_lines(enhancement):
            self.progress.say(line)

    def queued(self, position: int) -> None:
        """Say when other jobs come first."""
        if position and position != self._position:
            self.progress.say(f"queued   {position} {'job comes' if position == 1 else 'jobs come'} first")
        self._position = position

    def text(self, text: TextReport, recipe: Recipe) -> None:
        """Say in one line what an encoder does not read; nothing where both read everything."""
        if text.lost:
            self.progress.warn(f"T5 holds {text.t5_limit} tokens and the prompt has {text.t5_tokens}; lost: {one_line(text.lost)}")
        elif text.clip_tokens > text.clip_limit:
            self.progress.say(f"text     CLIP reads the first {text.clip_limit} of {text.clip_tokens} tokens, T5 the whole prompt")
        elif recipe.clip_prompt is not None:
            of_its_own = "" if recipe.prompt.used.startswith(recipe.clip_prompt) else " of its own"
            self.progress.say(f"text     CLIP reads {text.clip_tokens} tokens{of_its_own}, T5 the whole prompt: {text.t5_tokens}")

    def step(self, event: StepEvent, standing: Standing) -> None:
        """Move the bar."""
        self.progress.show(
            Moment(
                standing.picture,
                standing.pictures,
                event.step,
                event.steps,
                event.iterations_per_second,
                standing.seconds_left,
                standing.cost_usd,
            )
        )

    def sheet(self, path: Path) -> None:
        """Print the path of a contact sheet."""
        self.progress.saved(path, "saved    the contact sheet")

    def saved(self, made: Made, picture: int, pictures: int) -> None:
        """Print the path, with seed and seconds."""
        if not self._paths_are_data:
            self.progress.say(f"saved    {made.path} (ordered earlier)")
            return
        which = f"{picture}/{pictures} · " if pictures > 1 else ""
        text = f"saved    {which}seed {made.recipe.seed} · {made.result.duration_seconds:.1f} s"
        self.progress.saved(made.path, text)
