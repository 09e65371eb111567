"""Decides where the pictures of one command go, and checks before the work that they can."""

import contextlib
import errno
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count, islice
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import NotSavedError, UsageError
from fluxctl.pictures.folders import is_folder
from fluxctl.pictures.formats import SUFFIXES, Encoding, PictureFormat, format_named, format_of_suffix
from fluxctl.pictures.naming import file_name, next_number
from fluxctl.pictures.places import typed_path

_ELSEWHERE = "choose another place with --out"


@dataclass(frozen=True)
class Destination:
    """Where the pictures of one command go, and how they are written."""

    folder: Path
    """Absolute."""
    by_day: bool = False
    """Whether the folder has one folder a day."""
    stem: str | None = None
    """Name of the file without its end; None: `NNNN_slug_seed`."""
    suffix: str = ".png"
    picture_count: int = 1
    """Of the whole command. More than one: `stem-1`, `stem-2`, …"""
    encoding: Encoding = field(default_factory=Encoding)
    _numbers: dict[Path, int] = field(default_factory=dict[Path, int], compare=False, repr=False)
    """Folder → the number to try next: a folder with many files is listed once a command, not once a picture."""

    @property
    def format(self) -> PictureFormat:
        """Return the format that the names end in."""
        return SUFFIXES[self.suffix.lower()]

    def folder_at(self, now: float) -> Path:
        """Given the time, return the folder for a picture that is saved now; days are local."""
        return self.folder / time.strftime("%Y-%m-%d", time.localtime(now)) if self.by_day else self.folder

    def names(self, folder: Path, prompt: str, seed: int) -> Iterator[str]:
        """Given the folder and one picture, yield names for it, best first; the first that is free is its name."""
        if self.stem is None:
            return self._numbered_names(folder, prompt, seed)
        if self.picture_count > 1:
            return (f"{self.stem}-{number}{self.suffix}" for number in count(1))
        return chain([f"{self.stem}{self.suffix}"], (f"{self.stem}_{number}{self.suffix}" for number in count(2)))

    def _numbered_names(self, folder: Path, prompt: str, seed: int) -> Iterator[str]:
        for number in count(self._numbers.get(folder) or next_number(_listing(folder))):
            self._numbers[folder] = number + 1
            yield file_name(number, prompt, seed, self.suffix)

    def chosen_names(self) -> list[str]:
        """Return the names that the person chose with `--out`, none where they are made here."""
        return [] if self.stem is None else list(islice(self.names(self.folder, "", 0), self.picture_count))


def destination_for(
    out: str | None,
    format_name: str | None,
    picture_count: int,
    default_folder: Path,
    environment: Environment,
    *,
    configured_format: str = "png",
    encoding: Encoding | None = None,
) -> Destination:
    """Given `--out`, `--format`, the number of pictures, the defaults, return where they go; raise UsageError if they cannot."""
    wanted = format_named(format_name) if format_name else None
    suffix = (wanted or format_named(configured_format)).suffix
    how = encoding or Encoding()
    if out is None:
        return Destination(default_folder, by_day=True, suffix=suffix, picture_count=picture_count, encoding=how)
    if out == "-":
        raise UsageError("pictures are not written to stdout", hint="--out FOLDER or --out NAME.png", code="bad_path")
    path = typed_path(out, environment)
    if out.endswith(("/", "\\")) or is_folder(path) or (named := format_of_suffix(path.suffix)) is None:
        return Destination(path, suffix=suffix, picture_count=picture_count, encoding=how)
    if wanted is not None and wanted is not named:
        raise UsageError(f"--out {out} is a {named} file, --format says {wanted}", hint="leave one of them out", code="format_conflict")
    return Destination(path.parent, stem=path.stem, suffix=path.suffix, picture_count=picture_count, encoding=how)


def prepare(destination: Destination, environment: Environment, *, refuse_existing: bool = True) -> None:
    """Make the folder and write into it once; raise UsageError for a name that is taken, NotSavedError where nothing can be written."""
    folder = destination.folder_at(environment.now())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _try_writing(folder)
        taken = [name for name in destination.chosen_names() if _exists(folder / name)]
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"{error.filename or folder} is a file, not a folder", hint=_ELSEWHERE, code="not_a_folder") from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise UsageError(f"the name is too long for {folder}", hint=_ELSEWHERE, code="name_too_long") from error
        raise NotSavedError(f"pictures cannot be saved in {folder}: {error.strerror}; no work was begun", hint=_ELSEWHERE) from error
    if taken and refuse_existing:
        raise UsageError(f"{folder / taken[0]} exists, and no file is ever written over", hint=_ELSEWHERE, code="file_exists")


def _exists(path: Path) -> bool:
    """Return whether there is anything under this name, a broken link too; raise OSError for a name that cannot be."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _try_writing(folder: Path) -> None:
    """Write a byte into a new file and take it away; raise OSError when that fails."""
    trial = folder / f".fluxctl-{secrets.token_hex(6)}.part"
    try:
        with trial.open("xb") as file:
            file.write(b"\0")
    finally:
        with contextlib.suppress(FileNotFoundError):
            trial.unlink()


def _listing(folder: Path) -> list[str]:
    """Return the names in a folder."""
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]
