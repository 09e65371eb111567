"""Decides where jobs may lie that this ledger does not know, and which model a worker is started with to bring jobs home."""

from collections.abc import Sequence

from fluxctl.environment import Environment
from fluxctl.ledger import JobEntry, Ledger
from fluxctl.services.choice import PROVIDERS
from fluxctl.services.order import read_order
from fluxctl.services.provider import default_model_of, open_provider
from fluxctl.settings.load import Settings
from fluxctl.settings.resolve import model_for
from fluxctl.wish import Wish


def strays(environment: Environment, settings: Settings, ledger: Ledger, beginning: str) -> list[str]:
    """Return the providers on whose volume lies a job, not brought home, that the ledger does not know; `beginning`: of its id."""
    wanted = beginning.strip().lower()

    def has_some(name: str) -> bool:
        left = open_provider(name, environment, settings).left_jobs()
        return any(job.startswith(wanted) and ledger.job(job) is None for job in left)

    return [name for name in PROVIDERS if has_some(name)]


def first_model(entries: Sequence[JobEntry], provider: str, environment: Environment, settings: Settings) -> tuple[str, str]:
    """Given open jobs, return name and source of the model that the first readable one needs; of the default one if none can be read."""
    for entry in entries:
        order = read_order(entry.order)
        if order is not None:
            return order.recipes[0].model, order.recipes[0].source
    name = model_for(Wish(), settings, default_model_of(provider, environment, settings))
    return name, settings.values.models[name].source
