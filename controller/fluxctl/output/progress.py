"""Shows a running generation: a live bar on a terminal, plain lines elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from fluxctl.output.sink import Sink

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SECONDS_BETWEEN_LINES = 5.0
"""Plain lines are for logs: a sign of life, not a film."""


@dataclass(frozen=True)
class Moment:
    """Where a command stands: picture `picture` of `pictures`, at `step` of `steps`."""

    picture: int
    pictures: int
    step: int
    steps: int
    iterations_per_second: float
    seconds_left: float
    """For the whole command."""
    cost_usd: float | None = None
    """So far, of the whole command."""

    @property
    def text(self) -> str:
        """Return the moment as one line."""
        which = f"picture {self.picture}/{self.pictures} · " if self.pictures > 1 else ""
        cost = f" · ${self.cost_usd:.2f} so far" if self.pictures > 1 and self.cost_usd is not None else ""
        pace = f"{self.iterations_per_second:.2f} it/s"
        return f"{which}step {self.step}/{self.steps} · {pace} · {duration(self.seconds_left)} left{cost}"

    @property
    def share(self) -> float:
        """Return how much of the whole command is done, from 0 to 1; every picture counts alike."""
        return (self.picture - 1 + self.step / self.steps) / self.pictures


class ProgressDisplay:
    """A context manager around a generation; `sink.say` lines may be printed in between."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self._last_line = -SECONDS_BETWEEN_LINES
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._is_waiting = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()

    def show(self, moment: Moment) -> None:
        """Draw the moment: the bar moves, or a line is printed when the last one is old."""
        if self.sink.is_live:
            self._draw(moment)
            return
        now = self.sink.environment.monotonic()
        if now - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = now
            self.sink.say(moment.text)

    def clear(self) -> None:
        """Take bar and waiting line off the screen; the next `show` draws a new one."""
        if self._is_waiting:
            self.sink.draw("")
            self._is_waiting = False
        if self._bar is not None:
            self._bar.stop()
            self._bar = self._task = None

    def wait(self, text: str) -> None:
        """Show on a terminal, in place of the line before, what is being waited for; nothing elsewhere."""
        if self.sink.is_live:
            if self._bar is not None:
                self.clear()
            self.sink.draw(text)
            self._is_waiting = True

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._above(lambda: self.sink.say(text))

    def warn(self, text: str) -> None:
        """Print a warning above the bar."""
        self._above(lambda: self.sink.warn(text))

    def saved(self, path: Path, text: str) -> None:
        """Print a picture's path as data, and what is known of it as talk."""
        self._above(lambda: self.sink.say(text))
        self._above(lambda: self.sink.line(str(path)))

    def _above(self, write: Callable[[], None]) -> None:
        self.clear()
        write()

    def _draw(self, moment: Moment) -> None:
        if self._is_waiting:
            self.clear()
        if self._bar is None:
            self._bar = _bar(self.sink)
            self._task = self._bar.add_task("", total=1.0, text=moment.text)
            self._bar.start()
        if self._task is not None:
            self._bar.update(self._task, completed=moment.share, text=moment.text, refresh=True)


def duration(seconds: float) -> str:
    """Return seconds as people read them."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"


def _bar(sink: Sink) -> "Progress":
    """Return a bar on stderr that goes away when it stops."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    stream: Any = sink.environment.stderr
    console = Console(file=stream, force_terminal=True, no_color=not sink.is_coloured)
    return Progress(BarColumn(bar_width=24), TextColumn("{task.fields[text]}"), console=console, transient=True, auto_refresh=False)
