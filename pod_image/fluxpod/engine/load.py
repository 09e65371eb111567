"""Loads one model at a time and keeps it warm; another model is loaded in its place."""

import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fluxpod.engine.failure import EngineError, explain
from fluxpod.engine.libraries import import_module
from fluxpod.engine.plan import Placement, place
from fluxpod.engine.source import is_hub_id, model_folder
from fluxpod.jobs.work import CancelledError, ReleasedError
from fluxpod.protocol import EnginePlan, Phase
from fluxpod.standing import Standing

log = logging.getLogger(__name__)


def _always_wanted() -> None:
    return


@dataclass(frozen=True)
class ModelName:
    """Which model: source and revision decide, the card's name is for people."""

    card: str
    source: str
    revision: str | None = None

    def is_same(self, other: "ModelName") -> bool:
        """Return whether both name the same weights."""
        return (self.source, self.revision) == (other.source, other.revision)


@dataclass(frozen=True)
class LoadedModel:
    """A pipeline that is ready, and how it runs."""

    name: ModelName
    pipeline: Any
    plan: EnginePlan


class Models:
    """The one place of the loaded model. Used by the engine's thread only."""

    def __init__(self, cache: Path, standing: Standing) -> None:
        self._cache = cache
        self._standing = standing
        self._loaded: LoadedModel | None = None
        self._was_ready = False
        self._problem = ""
        """Why the worker never was ready."""

    def get(self, name: ModelName, go_on: Callable[[], None] = _always_wanted) -> LoadedModel:
        """Given a model's name, return it, loading it if another or none is loaded; raise EngineError.

        While the wanted model cannot even be found, the loaded one stays; also when `go_on`, called once it is found, raises
        CancelledError or ReleasedError, which is let through.
        """
        if self._loaded and self._loaded.name.is_same(name):
            return self._loaded
        log.info("loading model %s from %s", name.card, name.source)
        try:
            folder = self._find(name)
            go_on()
            self._unload()
            self._standing.enter(Phase.LOADING, f"loading {name.card}")
            self._loaded = LoadedModel(name, *_load(folder))
        except (CancelledError, ReleasedError):
            self._say_as_before()
            raise
        except Exception as error:  # the libraries raise anything; the job and the health tell which
            problem = explain(error)
            code = "load_failed" if problem.code == "engine_error" else problem.code
            failure = EngineError(code, f"{name.card} cannot be loaded: {problem.message}")
            self._problem = failure.message
            self._say_as_before()
            raise failure from error
        self._say_ready(self._loaded)
        log.info("model %s is ready on %s in %s", name.card, self._loaded.plan.device, self._loaded.plan.precision)
        return self._loaded

    def _find(self, name: ModelName) -> Path:
        phase = Phase.DOWNLOADING if is_hub_id(name.source) else Phase.LOADING
        self._standing.enter(phase, f"looking for {name.card}")
        return model_folder(name.source, name.revision, self._cache, self._standing.downloaded)

    def _say_ready(self, loaded: LoadedModel | None) -> None:
        self._was_ready = True
        self._standing.ready(loaded.name.card if loaded else None, loaded.plan if loaded else None)

    def _say_as_before(self) -> None:
        """A worker that was ready once goes on without a model: only that job's model cannot be had."""
        if self._was_ready:
            self._say_ready(self._loaded)
        else:
            self._standing.enter(Phase.FAILED, self._problem)

    def _unload(self) -> None:
        self._loaded = None
        release_memory()


def release_memory() -> None:
    """Give back what no tensor holds any more."""
    gc.collect()
    torch = import_module("torch")
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _load(folder: Path) -> tuple[Any, EnginePlan]:
    placement: Placement = place()
    pipeline = import_module("diffusers").FluxPipeline.from_pretrained(folder, dtype=placement.dtype, use_safetensors=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(placement.device), placement.plan
