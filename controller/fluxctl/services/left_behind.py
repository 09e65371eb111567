"""Brings home what earlier pods left on the network volume, once a new one is ready there."""

from contextlib import suppress

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.ledger import Ledger
from fluxctl.services.bring_up import Ready
from fluxctl.services.fetch import Fetching
from fluxctl.services.listener import Listener
from fluxctl.services.outcome import Outcome
from fluxctl.settings.load import Settings


def bring_home(environment: Environment, settings: Settings, ready: Ready, listener: Listener) -> None:
    """Given a ready worker, bring home the finished pictures that it can hand out; what goes wrong is said, and stops nothing."""
    with Ledger.open(environment) as ledger:
        fetching = Fetching(environment, settings, listener, Outcome(), ledger)
        try:
            fetching.collect(ready.client, ready.pod.provider)
        except FluxctlError as error:
            listener.warn(f"{error.message}. What was not brought home stays on the volume: fluxctl fetch")
        with suppress(FluxctlError):  # each of them was told already
            fetching.raise_failure()
