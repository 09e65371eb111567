"""Brings a model from the Hugging Face hub, or from the hub's own cache on this machine."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from fluxpod.engine.failure import EngineError
from fluxpod.engine.libraries import import_module

_WANTED = ["model_index.json", "*/*.json", "*/*.txt", "*/*.model", "*/*.safetensors"]
"""What FluxPipeline reads: its parts' folders, not the single-file weights beside them."""
_LOOK_SECONDS = 1.0
_TOTAL_SECONDS = 5.0


def download(repository: str, revision: str | None, downloaded: Callable[[int, int | None], None]) -> Path:
    """Given a repository, return the folder of its snapshot; raise EngineError when it cannot be had.

    `downloaded` is told every second how many bytes are here and how many it will be; None when the hub does not say.
    Where the hub's cache lies and which token is used, huggingface_hub decides (`HF_HOME`, `HF_TOKEN`). Without a
    connection a complete snapshot in the cache is used.
    """
    hub, errors = import_module("huggingface_hub"), import_module("huggingface_hub.errors")
    import_module("huggingface_hub.utils").disable_progress_bars()
    folder = Path(import_module("huggingface_hub.constants").HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}"
    try:
        with _watched(folder, lambda: _total_bytes(repository, revision), downloaded):
            return Path(hub.snapshot_download(repository, revision=revision, allow_patterns=_WANTED))
    except errors.GatedRepoError as error:
        message = (
            f"{repository} is gated: accept its licence at https://huggingface.co/{repository} and set HF_TOKEN to a token that may read it"
        )
        raise EngineError("model_gated", message) from error
    except errors.RevisionNotFoundError as error:
        raise EngineError("model_missing", f"{repository} has no revision {revision!r}") from error
    except errors.RepositoryNotFoundError as error:
        raise EngineError("model_missing", f"the hub has no repository {repository}, or HF_TOKEN may not see it") from error
    except errors.LocalEntryNotFoundError as error:
        if isinstance(error.__cause__, errors.HfHubHTTPError):
            raise _not_given_out(repository, error.__cause__) from error
        raise EngineError("model_offline", f"{repository} is not on this machine and the hub cannot be reached") from error
    except errors.HfHubHTTPError as error:
        raise _not_given_out(repository, error) from error


def _not_given_out(repository: str, error: BaseException) -> EngineError:
    return EngineError("model_download_failed", f"the hub did not give out {repository}: {error}")


@contextmanager
def _watched(folder: Path, total_bytes: Callable[[], int | None], downloaded: Callable[[int, int | None], None]) -> Generator[None]:
    """Report the size of what lies in `folder` every second: it counts whatever way the bytes come."""
    ended = threading.Event()

    def look() -> None:
        if ended.wait(_LOOK_SECONDS):
            return  # it was in the cache: nobody has to know how much it is
        total = total_bytes()
        while not ended.is_set():
            downloaded(_bytes_in(folder / "blobs"), total)
            ended.wait(_LOOK_SECONDS)

    watcher = threading.Thread(target=look, name="download", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _total_bytes(repository: str, revision: str | None) -> int | None:
    """Return how large the wanted files are; None when the hub does not say, for which the download itself has the words."""
    hub, utilities = import_module("huggingface_hub"), import_module("huggingface_hub.utils")
    try:
        files = hub.HfApi().repo_info(repository, revision=revision, files_metadata=True, timeout=_TOTAL_SECONDS).siblings or ()
    except Exception:  # noqa: BLE001 - the libraries raise anything, and nothing but a percentage is lost
        return None
    size_of = {file.rfilename: file.size for file in files}
    sizes = [size_of[name] for name in utilities.filter_repo_objects(size_of, allow_patterns=_WANTED)]
    return sum(sizes) if sizes and None not in sizes else None


def _bytes_in(folder: Path) -> int:
    """Return the bytes on disk below `folder`: a file laid out in full but not yet filled counts as far as it is."""
    total = 0
    for path in folder.glob("*"):
        try:
            total += path.stat().st_blocks * 512
        except FileNotFoundError:  # a part that was just completed and renamed
            continue
    return total
