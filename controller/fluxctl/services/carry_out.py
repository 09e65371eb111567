"""Carries out a plan: has the pictures made, and shows them if that is wanted."""

from fluxctl.environment import Environment
from fluxctl.ledger import Ledger
from fluxctl.pictures.destination import prepare
from fluxctl.pictures.opening import open_picture
from fluxctl.services.bring_up import Ready, bring_up
from fluxctl.services.commission import Commission
from fluxctl.services.comparison import compare
from fluxctl.services.enhanced_orders import enhanced_orders
from fluxctl.services.features import check_features
from fluxctl.services.fitting import fitted
from fluxctl.services.following import Following
from fluxctl.services.generate import generate
from fluxctl.services.listener import Listener
from fluxctl.services.outcome import Outcome
from fluxctl.services.plan import Plan
from fluxctl.settings.load import Settings


def carry_out(
    plan: Plan, commission: Commission, environment: Environment, settings: Settings, listener: Listener, outcome: Outcome
) -> None:
    """Make the planned pictures; `outcome` tells how far it came, also when an error is raised."""
    outcome.provider, outcome.model, outcome.cost_usd = plan.provider.name, plan.first.model, 0.0
    prepare(plan.destination, environment)
    begun = environment.monotonic()

    def ready() -> Ready:
        """Bring up a worker, and count the time."""
        started = environment.monotonic()
        try:
            worker = bring_up(
                environment, settings, model=plan.first.model, source=plan.first.source, provider=plan.provider.name, report=listener.phase
            )
            check_features(worker, plan.recipes)
            return worker
        finally:
            outcome.ready_seconds += environment.monotonic() - started

    try:
        with Ledger.open(environment) as ledger, enhanced_orders(plan.orders, commission, environment, settings, listener) as enhanced:
            if commission.enhance_required:
                enhanced()  # no worker is started, nor paid for, when this fails
            worker = ready()
            following = Following(environment, worker.client, lambda: ready().client, ledger, listener, outcome, plan.recipes)
            try:
                orders, notes = fitted(enhanced()) if commission.is_fitted else (plan.orders, ())
                for note in notes:
                    listener.note(note)
                generate(orders, worker.pod, following, ledger)
            finally:
                following.client.close()
                for note in ledger.notes:
                    listener.warn(note)
    finally:
        outcome.total_seconds = environment.monotonic() - begun
    compare(commission.original, outcome, listener)
    if plan.open:
        _open(outcome, environment, listener)


def _open(outcome: Outcome, environment: Environment, listener: Listener) -> None:
    """Show the pictures; that it could not be done is only said."""
    for made in outcome.pictures:
        trouble = open_picture(made.path, environment)
        if trouble:
            listener.note(trouble)
            return
