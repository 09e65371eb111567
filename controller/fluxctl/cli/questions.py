"""Asks the person at the terminal: questions on stderr, answers from stdin, keys unseen."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from fluxctl.output.plain import one_line
from fluxctl.output.sink import Sink
from fluxctl.services.set_up.questions import NoAnswerError


@dataclass
class TerminalQuestions:
    """Somebody at a terminal, or nobody. `again`: what to type to go on another time."""

    sink: Sink
    again: str

    @property
    def can_ask(self) -> bool:
        """Return whether somebody can answer."""
        return self.sink.environment.is_interactive

    def tell(self, line: str) -> None:
        """Say something that needs no answer."""
        self.sink.say(line)

    def text(self, question: str) -> str:
        """Return what was typed, "" for nothing; raise NoAnswerError at the end of input."""
        stream = self.sink.environment.stderr
        stream.write(question)
        stream.flush()
        typed = ""
        try:
            typed = self.sink.environment.stdin.readline()
        finally:
            if not typed:  # nothing has moved on to the next line
                stream.write("\n")
        if not typed:
            raise NoAnswerError("no more answers came; what was answered before is kept", hint=self.again)
        return one_line(typed)

    def secret(self, question: str) -> str:
        """Return what was typed, which the terminal does not show."""
        with self._unseen() as unseen:
            typed = self.text(question)
        if unseen:
            self.sink.environment.stderr.write("\n")
        return typed

    def agrees(self, question: str) -> bool:
        """Return whether the person says yes."""
        return self.text(f"{question} [y/N] ").lower() in ("y", "yes")

    def choose(self, question: str, options: Sequence[str]) -> int:
        """Return the place of the chosen option; it is asked until one is named."""
        self.tell(question)
        for number, option in enumerate(options, start=1):
            self.tell(f"  {number}  {option}")
        while True:
            typed = self.text(f"1 to {len(options)}: ")
            if typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= len(options):
                return int(typed) - 1

    @contextmanager
    def _unseen(self) -> Generator[bool]:
        """Switch the terminal's echo off for a while, and tell whether that was done; a stream that is no terminal has none."""
        import termios

        try:
            descriptor = self.sink.environment.stdin.fileno()
            before = termios.tcgetattr(descriptor)
        except (OSError, ValueError, termios.error):
            yield False
            return
        silent = [*before]
        silent[3] &= ~termios.ECHO
        try:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, silent)
            yield True
        finally:
            with suppress(termios.error):
                termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
