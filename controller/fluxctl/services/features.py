"""Refuses what a worker of an older version cannot make, before a job is put."""

from collections.abc import Iterable

from fluxctl.errors import GenerationError
from fluxctl.recipe import Recipe, features_needed
from fluxctl.services.bring_up import Ready
from fluxctl.services.choice import LOCAL
from fluxctl.services.fitness import MAKE_IMAGE

_WORDS = {"true_cfg": "--negative and --true-cfg"}


def check_features(worker: Ready, recipes: Iterable[Recipe]) -> None:
    """Given a ready worker, raise GenerationError, and let it go, if a recipe asks for a feature that it does not name."""
    lacking = sorted(features_needed(recipes) - set(worker.health.features))
    if lacking:
        worker.client.close()
        what = " and ".join(_WORDS.get(name, name) for name in lacking)
        why = f"the worker that runs is of an older version and does not know {what}"
        hint = "when it is idle: fluxctl down, then the same command again" if worker.pod.provider == LOCAL else MAKE_IMAGE
        raise GenerationError(why, hint=hint, code="feature_missing")
