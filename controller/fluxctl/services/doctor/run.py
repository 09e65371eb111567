"""Makes all checks of `fluxctl doctor`, in the order in which things are needed."""

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
from fluxctl.settings.load import load_settings

Found = Callable[[Check], None]


def examine(environment: Environment, found: Found) -> list[Check]:
    """Make every check, and return what they found; `found` hears of each one at once. Nobody is asked, nothing is spent or changed."""
    checks: list[Check] = []

    def add(*more: Check) -> None:
        for check in more:
            checks.append(check)
            found(check)

    problem = None
    try:
        settings = load_settings(environment)
    except SettingsError as error:
        settings, problem = settings_or_defaults(environment)[0], error
    add(*check_settings(settings, problem))
    add(check_folders(environment))
    if problem is None:
        add(*AccountChecks(environment, settings).all())
        add(check_hub(environment, settings), check_anthropic(environment, settings), check_image_name(environment, settings))
    else:
        add(skipped("keys", "the settings come first"))
    add(*check_ssh(environment, settings))
    add(check_docker(environment, settings), check_ledger(environment), check_room(environment, settings))
    add(check_local_worker(environment, settings))
    return checks
