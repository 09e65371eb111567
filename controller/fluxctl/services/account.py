"""Opens the way to the RunPod account for one command, and closes it."""

from collections.abc import Generator
from contextlib import contextmanager

from fluxctl.environment import Environment
from fluxctl.providers.runpod.api import RunpodApi, open_api
from fluxctl.settings.load import Settings


@contextmanager
def runpod_account(environment: Environment, settings: Settings) -> Generator[RunpodApi]:
    """Yield the account of RUNPOD_API_KEY; raise SettingsError when there is no key. Nothing is asked yet."""
    api = open_api(environment, settings)
    try:
        yield api
    finally:
        api.close()
