"""Reads the prompts that were typed, piped in, or written in a file."""

from dataclasses import dataclass
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import UsageError
from fluxctl.prompts.lines import Line, parse_lines

LARGEST_FILE_BYTES = 16_000_000
"""A file of prompts is text that somebody wrote; more than this is another file."""
HOW = "--prompt-file FILE, one prompt or one JSON object a line"
EXAMPLE = 'fluxctl gen "a red circle on a blue background"'


@dataclass(frozen=True)
class Prompts:
    """What is to be drawn: a prompt, or the lines of a file."""

    typed: tuple[str, ...] = ()
    file: Path | None = None
    lines: tuple[Line, ...] = ()


def read_prompts(prompt: str | None, file: Path | None, environment: Environment, *, optional: bool) -> Prompts:
    """Given the argument and `--prompt-file`, return the prompts; none only where they are optional (`--from`).

    Stdin and the file are read once. Raise UsageError when there is nothing to draw, or it cannot be read.
    """
    if prompt is not None and file is not None:
        raise UsageError("a prompt and a prompt file were both given", hint="leave one of them out", code="flags_conflict")
    if file is not None:
        path = environment.working_folder / file.expanduser()
        return Prompts(file=path, lines=_lines(path))
    if prompt == "-":
        return Prompts((_checked(_stdin(environment)),))
    if prompt is not None:
        return Prompts((_checked(prompt),))
    if optional:
        return Prompts()
    raise UsageError("there is no prompt", hint=EXAMPLE, code="no_prompt")


def _checked(text: str) -> str:
    if not text.strip():
        raise UsageError("the prompt is empty", hint=EXAMPLE, code="empty_prompt")
    return text.strip()


def _stdin(environment: Environment) -> str:
    try:
        return environment.stdin.read()
    except UnicodeDecodeError as error:
        raise UsageError("the prompt on stdin is not UTF-8", hint=EXAMPLE, code="not_utf8") from error


def _lines(file: Path) -> tuple[Line, ...]:
    """Return the lines of a file that hold something."""
    try:
        if file.stat().st_size > LARGEST_FILE_BYTES:
            raise UsageError(
                f"{file} is larger than {LARGEST_FILE_BYTES // 1_000_000} MB: no file of prompts", code="prompt_file_too_large"
            )
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageError(f"{file}:{line} is not UTF-8", hint=f"iconv -t utf-8 {file}", code="not_utf8") from error
    except OSError as error:
        raise UsageError(f"the prompt file {file} cannot be read: {error.strerror}", hint=HOW, code="no_prompt_file") from error
    lines = tuple(parse_lines(text, file.name))
    if not lines:
        raise UsageError(f"the prompt file {file} is empty", hint=HOW, code="empty_prompt_file")
    return lines
