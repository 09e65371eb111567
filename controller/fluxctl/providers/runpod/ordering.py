"""Places one order: the intent is in the ledger before RunPod hears of it, and what came of it is known before anything else happens."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from fluxctl.errors import FluxctlError, NoCapacityError
from fluxctl.ledger import Intent, IntentState, PodState, RentedPod
from fluxctl.link.host_key import make_host_key
from fluxctl.pods.offer import Offer
from fluxctl.providers.base import Report
from fluxctl.providers.pod_keys import PodFolder, PodKeys
from fluxctl.providers.runpod.api import CreateOrder
from fluxctl.providers.runpod.described import entry_of
from fluxctl.providers.runpod.errors import UnknownOutcomeError
from fluxctl.providers.runpod.handing_over import NewKeys, contract_for, variables_of
from fluxctl.providers.runpod.naming import NAME, rental_name
from fluxctl.providers.runpod.preflight import Prepared
from fluxctl.providers.runpod.settling import Settling
from fluxctl.providers.runpod.tenant import Tenant

StartGuard = Callable[[Tenant, str], None]
"""Starts the guard of an order, and of the pod that comes of it, unless one lives; the name is that of both."""


@dataclass(frozen=True)
class Ordering:
    """Orders pods of one plan; whoever calls it holds the lock."""

    tenant: Tenant
    prepared: Prepared
    start_guard: StartGuard

    def order(self, offer: Offer, report: Report) -> RentedPod:
        """Order a pod and return it; raise what RunPod refused it with, NoCapacityError too when nothing came of an unknown outcome."""
        owner, host_key, now = self.tenant.own(), make_host_key(), self.tenant.now()
        keys = NewKeys(secrets.token_urlsafe(32), host_key.private, self.prepared.public_key)
        order = self._order(offer, owner, keys, now)
        intent = Intent(
            name=order.name,
            provider=NAME,
            account_id=self.tenant.mark,
            created_at=now,
            gpu_type=offer.gpu_type,
            price_per_hour_usd=offer.price_per_hour_usd or 0.0,
            volume_id=order.volume_id,
        )
        with self.tenant.book() as book:
            book.begin(intent)
        # Before RunPod hears of it: whatever becomes of this process, somebody looks what came of the order.
        self.start_guard(self.tenant, order.name)
        pod = self._place(order, intent, report)
        PodFolder(self.tenant.environment.paths.state, pod.id).write(PodKeys(keys.worker_token, host_key.public))
        return pod

    def _place(self, order: CreateOrder, intent: Intent, report: Report) -> RentedPod:
        """Ask RunPod; whatever ends this process in between, the intent is open."""
        try:
            rental = self.tenant.api.create(order)
        except UnknownOutcomeError as error:
            return self._find(intent, error, report)
        except FluxctlError:
            with self.tenant.book() as book:
                book.settle(intent.name, IntentState.REFUSED, self.tenant.now())
            raise
        lifetime = self.prepared.wish.lifetime_seconds
        entry = entry_of(rental, intent.account_id, now=self.tenant.now(), adopted=False, lifetime_seconds=lifetime)
        entry = _completed(entry, intent)
        with self.tenant.book() as book:
            book.adopt(entry, self.tenant.now())
        return entry

    def _find(self, intent: Intent, error: UnknownOutcomeError, report: Report) -> RentedPod:
        """Look up whether an order was carried out; raise NoCapacityError when it was not."""
        Settling(self.tenant).settle_intent(intent, report)
        with self.tenant.book() as book:
            settled = book.intent(intent.name)
            pod = book.pod(settled.pod_id) if settled is not None and settled.pod_id is not None else None
        if pod is None or pod.state is not PodState.LIVE:
            raise NoCapacityError(f"nothing came of the order: {error.message}", hint="fluxctl gpus") from error
        return pod

    def _order(self, offer: Offer, owner: str, keys: NewKeys, now: float) -> CreateOrder:
        values, prepared = self.tenant.settings.values, self.prepared
        contract = contract_for(prepared.plan, owner, keys, now=now, end_action=prepared.end_action)
        variables = variables_of(contract, hub_token=prepared.plan.hub_token, hub_secret=values.runpod.hf_token_secret)
        volume_id = prepared.wish.volume_id
        return CreateOrder(
            name=rental_name(owner, secrets.token_hex(4)),
            image=prepared.image.reference,
            gpu_type=offer.gpu_type,
            cloud=offer.cloud,
            container_disk_gb=values.runpod.container_disk_gb,
            environment=variables,
            data_center=prepared.wish.data_center,
            volume_id=volume_id,
            cuda_floor=prepared.wish.cuda_floor,
            registry_auth_id=values.pod.registry_auth_id,
            terminate_after=now + prepared.wish.lifetime_seconds,
            maximum_price_per_hour_usd=prepared.wish.maximum_price_per_hour_usd,
            volume_disk_gb=0 if volume_id else values.runpod.volume_disk_gb,
        )


def _completed(entry: RentedPod, intent: Intent) -> RentedPod:
    """Return the entry with what the offer named where RunPod's reply is silent about type or price."""
    price = intent.price_per_hour_usd if not entry.price_per_hour_usd else entry.price_per_hour_usd
    return replace(entry, name=intent.name, price_per_hour_usd=price, gpu_type=entry.gpu_type or intent.gpu_type)
