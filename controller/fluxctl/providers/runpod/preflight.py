"""Checks everything that can be checked before a machine is rented, and chooses what is tried."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fluxctl.errors import FluxctlError, NoCapacityError, ProviderError, SettingsError, UsageError
from fluxctl.link.identity import find_identity
from fluxctl.pods.choosing import Chosen, choose
from fluxctl.pods.offer import Offer
from fluxctl.pods.passed_over import PassedOver
from fluxctl.pods.pod import PodPlan
from fluxctl.pods.quote import Quote
from fluxctl.pods.rent_wish import RentWish
from fluxctl.pods.volume import NetworkVolume
from fluxctl.pods.volume_price import stopped_disk_usd_per_month, volume_usd_per_month
from fluxctl.providers.runpod.errors import BalanceTooLowError
from fluxctl.providers.runpod.fitness import Fitness, image_fitness, image_wanted
from fluxctl.providers.runpod.tenant import Tenant
from fluxctl.settings.gpu_types import gpu_types_of
from fluxctl.settings.nearest import suggestion
from fluxpod.pod_contract import END_STOP, END_TERMINATE

SECONDS_PER_HOUR = 3600.0
BILLING = "https://console.runpod.io/user/billing"


@dataclass(frozen=True)
class Prepared:
    """What an order needs, and what it may cost."""

    plan: PodPlan
    """Its wish complete: the data centre of the volume, the CUDA floor of the image."""
    wish: RentWish
    chosen: Chosen
    image: Fitness
    public_key: str
    end_action: str
    volume: NetworkVolume | None
    balance_usd: float | None
    offers_tried: int
    disk_gb: int
    """Of the pod's own disk."""

    @property
    def offers(self) -> Sequence[Offer]:
        """Return the offers that are tried, in order."""
        return self.chosen.offers[: self.offers_tried]

    def quote(self, now: float) -> Quote:
        """Return what it may cost."""
        highest = max(offer.price_per_hour_usd or 0.0 for offer in self.offers)
        untried = f"it fits, and only {self.offers_tried} are tried (runpod.offers_tried)"
        kept_gb = self.disk_gb if self.end_action == END_STOP else 0
        lifetime = self.wish.lifetime_seconds
        return Quote(
            offers=tuple(self.offers),
            passed_over=(
                *self.chosen.passed_over,
                *(PassedOver(offer.gpu_type, untried) for offer in self.chosen.offers[self.offers_tried :]),
            ),
            price_per_hour_usd=highest,
            lifetime_seconds=lifetime,
            worst_case_usd=highest * lifetime / SECONDS_PER_HOUR,
            latest_end_at=now + lifetime,
            idle_timeout_seconds=self.plan.limits.idle_timeout_seconds,
            image=self.image.reference,
            volume=self.volume,
            storage_usd_per_month=volume_usd_per_month(self.volume) if self.volume else None,
            disk_gb=kept_gb,
            disk_usd_per_month=stopped_disk_usd_per_month(kept_gb) if kept_gb else None,
            balance_usd=self.balance_usd,
        )


def default_wish(tenant: Tenant) -> RentWish:
    """Return what the settings wish."""
    runpod = tenant.settings.values.runpod
    return RentWish(
        gpu_types=gpu_types_of(runpod.gpu_types),
        maximum_price_per_hour_usd=runpod.maximum_price_per_hour_usd,
        cloud=runpod.cloud,
        data_center=runpod.data_center,
        volume_id=runpod.volume_id,
        lifetime_seconds=tenant.settings.values.pod.lifetime_seconds,
    )


def prepare(tenant: Tenant, plan: PodPlan) -> Prepared:
    """Return what is tried; raise SettingsError, UsageError or ProviderError for what would fail, NoCapacityError when nothing fits."""
    wish = plan.rent or default_wish(tenant)
    image_wanted(tenant)
    end_action = _end_action(tenant, wish)
    _require_hub_token(tenant, plan, wish)
    identity = find_identity(tenant.environment, tenant.settings.values.link, make=False)
    balance = tenant.fresh_account().balance_usd
    volume = _volume(tenant, wish)
    image = image_fitness(tenant)
    wish = replace(wish, data_center=volume.data_center if volume else wish.data_center, cuda_floor=wish.cuda_floor or image.cuda_floor)
    offers = tenant.api.offers(cuda_floor=wish.cuda_floor, data_center=wish.data_center)
    chosen = choose(offers, wish, balance_usd=balance)
    if not chosen.offers:
        _require_place(tenant, wish)
        raise _nothing_fits(chosen, wish, balance if choose(offers, wish).offers else None)
    values, whole = tenant.settings.values.runpod, replace(plan, rent=wish)
    tried, disk_gb = values.offers_tried, 0 if volume else values.volume_disk_gb
    return Prepared(whole, wish, chosen, image, identity.public_key, end_action, volume, balance, tried, disk_gb)


def _end_action(tenant: Tenant, wish: RentWish) -> str:
    """Return how the pod ends itself; raise SettingsError for a stop that would keep nothing."""
    values = tenant.settings.values
    if values.pod.end == "terminate":
        return END_TERMINATE
    if wish.volume_id is not None or values.runpod.volume_disk_gb == 0:
        have = "a network volume keeps what matters" if wish.volume_id else "without a disk of its own nothing is kept"
        hint = "fluxctl config set pod.end terminate" + ("" if wish.volume_id else "; or fluxctl config set runpod.volume_disk_gb 60")
        raise SettingsError(f"pod.end is stop, but {have}: a stopped pod would only cost", hint=hint, code="stop_without_disk")
    return END_STOP


def _require_hub_token(tenant: Tenant, plan: PodPlan, wish: RentWish) -> None:
    """Raise SettingsError for a model that the pod could not download; on a network volume it may lie already."""
    values = tenant.settings.values
    card = values.models.get(plan.model)
    is_known = plan.hub_token is not None or values.runpod.hf_token_secret is not None
    if card is None or not card.gated or card.source.startswith("/") or is_known or wish.volume_id is not None:
        return
    why = f"{plan.model} is gated at Hugging Face, and HF_TOKEN is not set: a rented pod would cost and could not download it"
    raise SettingsError(why, hint="fluxctl init asks for it; or HF_TOKEN=… in config.env; or another --model", code="no_hf_token")


def _volume(tenant: Tenant, wish: RentWish) -> NetworkVolume | None:
    """Return the network volume; raise where it is gone, or where the wish cannot be had together with it."""
    if wish.volume_id is None:
        return None
    if wish.cloud == "community":
        why = "network volumes can only be used in the Secure Cloud, and the community cloud is asked for"
        raise UsageError(why, hint="--cloud secure; or fluxctl config set runpod.volume_id null", code="volume_cloud")
    volume = next((volume for volume in tenant.api.volumes() if volume.id == wish.volume_id), None)
    if volume is None:
        why = f"the account has no network volume {wish.volume_id} (runpod.volume_id): it was deleted, or is another account's"
        raise ProviderError(
            why, hint="fluxctl volume ls; fluxctl volume create; or fluxctl config set runpod.volume_id ID", code="volume_gone"
        )
    if wish.data_center not in (None, volume.data_center):
        why = f"the network volume {volume.name} lies in {volume.data_center}, and a pod in {wish.data_center} is asked for"
        raise UsageError(why, hint=f"--data-center {volume.data_center}; or another volume: fluxctl volume ls", code="volume_data_center")
    return volume


def _require_place(tenant: Tenant, wish: RentWish) -> None:
    """Raise UsageError for a data centre that there is not, which looks like one where nothing is in stock."""
    if wish.data_center is None or wish.volume_id is not None:
        return
    names = [place.id for place in tenant.api.stock()]
    if names and wish.data_center not in names:
        why = f"RunPod has no data centre {wish.data_center}; {suggestion(wish.data_center, names)}"
        raise UsageError(why, hint="leave --data-center (runpod.data_center) out", code="unknown_data_center")


def _nothing_fits(chosen: Chosen, wish: RentWish, too_little: float | None) -> FluxctlError:
    """Say why no offer fits; `too_little`: the balance, where it alone is in the way."""
    reasons = reasons_of(chosen.passed_over)
    if len(chosen.unknown) == len(chosen.passed_over):
        return UsageError(f"no such GPU type{reasons}", hint="fluxctl gpus", code="unknown_gpu")
    if too_little is not None:
        why = f"the account's balance of ${too_little:.2f} is not enough for an hour of any GPU that fits{reasons}"
        return BalanceTooLowError(why, hint=f"add funds: {BILLING}")
    where = f" in {wish.data_center}" if wish.data_center else ""
    return NoCapacityError(f"nothing that fits can be rented{where} now{reasons}", hint="fluxctl gpus; or --gpu NAME, --max-price USD")


def reasons_of(passed_over: Sequence[PassedOver]) -> str:
    """Return each type with its reason, each on a line of its own."""
    return "".join(f"\n  {passed.gpu_type}: {passed.reason}" for passed in passed_over)
