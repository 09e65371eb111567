"""Carries out a plan: has the pictures made, puts them on a sheet and shows them if that is wanted."""

from dataclasses import dataclass
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.ledger import Ledger
from fluxctl.pictures.destination import prepare
from fluxctl.pictures.opening import open_picture
from fluxctl.pods.pod import Pod
from fluxctl.services.bring_up import Ready, bring_up
from fluxctl.services.commission import Commission
from fluxctl.services.comparison import compare
from fluxctl.services.enhanced_orders import Orders, enhanced_orders
from fluxctl.services.features import check_features
from fluxctl.services.fetch import Fetching
from fluxctl.services.fitting import fitted
from fluxctl.services.following import Following
from fluxctl.services.generate import generate
from fluxctl.services.left_behind import bring_home
from fluxctl.services.listener import Listener
from fluxctl.services.outcome import Outcome
from fluxctl.services.plan import Plan
from fluxctl.services.renting import Renting
from fluxctl.settings.load import Settings


def carry_out(
    plan: Plan,
    commission: Commission,
    environment: Environment,
    settings: Settings,
    listener: Listener,
    outcome: Outcome,
    renting: Renting,
) -> None:
    """Make the planned pictures; `outcome` tells how far it came, also when an error is raised. `renting`: the terms of a new pod."""
    outcome.provider, outcome.model, outcome.cost_usd = plan.provider.name, plan.first.model, 0.0
    outcome.kept = [entry.path for entry in plan.remainder.kept.values()]
    begun = environment.monotonic()
    try:
        _Making(plan, commission, environment, settings, listener, outcome, renting).make()
    finally:
        outcome.total_seconds = environment.monotonic() - begun
    compare(commission.original, outcome, listener)
    if commission.grid:
        from fluxctl.services.grid import make_grid  # Pillow, which nothing else needs so early

        outcome.grid = make_grid(plan, outcome, environment)
        listener.sheet(outcome.grid)
    if plan.open:
        _open([*(made.path for made in outcome.pictures), *([outcome.grid] if outcome.grid else [])], environment, listener)


@dataclass(frozen=True)
class _Making:
    """Has everything made that a plan lacks."""

    plan: Plan
    commission: Commission
    environment: Environment
    settings: Settings
    listener: Listener
    outcome: Outcome
    renting: Renting

    def make(self) -> None:
        """Note the run, bring up a worker if anything is missing, and bring home what it makes."""
        plan, environment = self.plan, self.environment
        for destination in dict.fromkeys(order.destination for order in plan.orders):
            prepare(destination, environment, refuse_existing=not plan.remainder.kept)
        with (
            Ledger.open(environment) as ledger,
            enhanced_orders(plan.orders, self.commission, environment, self.settings, self.listener) as enhanced,
        ):
            if self.commission.enhance_required:
                enhanced()  # no worker is started, nor paid for, when this fails
            if plan.remainder.key:
                ledger.begin_prompt_run(plan.remainder.key, plan.remainder.run)
            if not plan.orders and not plan.remainder.pending:
                return
            worker = self._ready()
            fetching = Fetching(environment, self.settings, self.listener, self.outcome, ledger)
            recipes = [*fetching.not_home([job.entry for job in plan.remainder.pending]), *plan.recipes]
            following = Following(
                environment,
                worker.client,
                lambda: self._ready().client,
                ledger,
                self.listener,
                self.outcome,
                recipes,
                price_per_second_usd=_price_per_second_usd(worker.pod),
            )
            try:
                fetching.follow(plan.remainder.pending, following)
                generate(self._with_final_texts(enhanced()), worker.pod, following, ledger)
                fetching.raise_failure()
            finally:
                following.client.close()
                for note in ledger.notes:
                    self.listener.warn(note)

    def _ready(self) -> Ready:
        """Bring up a worker, and count the time."""
        first, started = self.plan.first, self.environment.monotonic()
        try:
            worker = bring_up(
                self.environment,
                self.settings,
                model=first.model,
                source=first.source,
                provider=self.plan.provider.name,
                report=self.listener.phase,
                renting=self.renting,
            )
            check_features(worker, self.plan.recipes)
            for note in worker.notes:
                self.listener.note(note)
            bring_home(self.environment, self.settings, worker, self.listener, {job.entry.id for job in self.plan.remainder.pending})
            return worker
        finally:
            self.outcome.ready_seconds += self.environment.monotonic() - started

    def _with_final_texts(self, orders: Orders) -> Orders:
        """Fit the prompts, and say what has to be said about it."""
        if not self.commission.is_fitted:
            return orders
        orders, notes = fitted(orders)
        for note in notes:
            self.listener.note(note)
        return orders


def _price_per_second_usd(pod: Pod) -> float:
    price = pod.rental.price_per_hour_usd if pod.rental else None
    return (price or 0.0) / 3600


def _open(paths: list[Path], environment: Environment, listener: Listener) -> None:
    """Show the pictures; that it could not be done is only said."""
    for path in paths:
        trouble = open_picture(path, environment)
        if trouble:
            listener.note(trouble)
            return
