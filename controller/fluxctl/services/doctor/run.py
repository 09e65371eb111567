"""Makes all checks of `fluxctl doctor`, those that ask somebody far away at the same time, and tells them in the order of need."""

from collections.abc import Callable

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError
from fluxctl.services.doctor.check import Check, skipped
from fluxctl.services.doctor.here import (
    check_docker,
    check_folders,
    check_ledger,
    check_local_worker,
    check_room,
    check_settings,
    check_ssh,
)
from fluxctl.services.doctor.keys import check_anthropic, check_hub, check_image_name
from fluxctl.services.doctor.market import AccountChecks
from fluxctl.services.fallback import settings_or_defaults
from fluxctl.services.in_time import Asked
from fluxctl.settings.load import Settings, load_settings

Found = Callable[[Check], None]
LONGEST_SECONDS = 90.0
"""For one group of checks; each question in it has a shorter limit of its own."""


def examine(environment: Environment, found: Found) -> list[Check]:
    """Make every check, and return what they found; `found` hears of each one in turn. Nobody is asked, nothing is spent or changed."""
    problem = None
    try:
        settings = load_settings(environment)
    except SettingsError as error:
        settings, problem = settings_or_defaults(environment)[0], error
    far = _far(environment, settings) if problem is None else [Asked(lambda: [skipped("keys", "the settings come first")])]
    near: list[Callable[[], list[Check]]] = [
        lambda: check_ssh(environment, settings),
        lambda: [check_docker(environment, settings)],
        lambda: [check_ledger(environment)],
        lambda: [check_room(environment, settings)],
        lambda: [check_local_worker(environment, settings)],
    ]
    groups = [
        lambda: check_settings(None if problem else settings, problem),
        lambda: [check_folders(environment)],
        *(_waited(asked) for asked in far),
        *near,
    ]
    checks: list[Check] = []
    for group in groups:
        for check in group():
            checks.append(check)
            found(check)
    return checks


def _far(environment: Environment, settings: Settings) -> list[Asked[list[Check]]]:
    """Begin the checks that wait for somebody else."""
    return [
        Asked(AccountChecks(environment, settings).all),
        Asked(lambda: [check_hub(environment, settings)]),
        Asked(lambda: [check_anthropic(environment, settings)]),
        Asked(lambda: [check_image_name(environment, settings)]),
    ]


def _waited(asked: Asked[list[Check]]) -> Callable[[], list[Check]]:
    return lambda: asked.answer(LONGEST_SECONDS, "a check")
