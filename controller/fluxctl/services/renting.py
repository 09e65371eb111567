"""Decides on what terms a pod is rented: settings under flags, and whether the person has agreed to what it may cost."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import cast, get_args

from fluxctl.errors import NotReadyError, UsageError
from fluxctl.pods.pod import PodPlan
from fluxctl.pods.quote import Quote
from fluxctl.pods.rent_wish import CloudWish, RentWish
from fluxctl.services.choice import RUNPOD
from fluxctl.settings.gpu_types import gpu_types_of
from fluxctl.settings.load import Settings
from fluxctl.settings.model import LONGEST_SECONDS
from fluxctl.settings.nearest import suggestion

CLOUDS: tuple[CloudWish, ...] = get_args(CloudWish)
LONGEST_HOURS = LONGEST_SECONDS / 3600
SHORTEST_HOURS = 0.1


@dataclass(frozen=True)
class RentFlags:
    """What was typed about the machine; None and (): the settings decide."""

    gpu_types: tuple[str, ...] = ()
    maximum_price_per_hour_usd: float | None = None
    cloud: str | None = None
    data_center: str | None = None
    maximum_hours: float | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """Return the flags that were typed, as they are typed."""
        names = {
            "gpu_types": "--gpu",
            "maximum_price_per_hour_usd": "--max-price",
            "cloud": "--cloud",
            "data_center": "--data-center",
            "maximum_hours": "--max-hours",
        }
        return tuple(names[item.name] for item in fields(self) if getattr(self, item.name) not in (None, ()))

    def checked(self, provider: str) -> "RentFlags":
        """Return these flags; raise UsageError for one that has no meaning, or none with this provider."""
        if self.given and provider != RUNPOD:
            why = f"{self.given[0]} is about a rented pod, and the provider is {provider}"
            raise UsageError(why, hint=f"--provider {RUNPOD}, or leave it out", code="flags_conflict")
        if not all(self.gpu_types):
            raise UsageError("--gpu is empty", hint="fluxctl gpus lists the types", code="unknown_gpu")
        if self.cloud is not None and self.cloud not in CLOUDS:
            raise UsageError(
                f"there is no cloud {self.cloud!r}; {suggestion(self.cloud, CLOUDS)}", hint="--cloud secure", code="unknown_cloud"
            )
        if self.maximum_price_per_hour_usd is not None and not 0 < self.maximum_price_per_hour_usd < float("inf"):
            raise UsageError("--max-price is dollars an hour, above 0", hint="--max-price 1.00", code="bad_price")
        if self.maximum_hours is not None and not SHORTEST_HOURS <= self.maximum_hours <= LONGEST_HOURS:
            why = f"--max-hours is hours, at least {SHORTEST_HOURS:g} (a pod needs minutes to come up) and at most {LONGEST_HOURS:g}"
            raise UsageError(why, hint="--max-hours 2", code="bad_hours")
        return self


def lifetime_seconds(flags: RentFlags, settings: Settings) -> float:
    """Return after how long a new pod ends itself, whatever happens."""
    return settings.values.pod.lifetime_seconds if flags.maximum_hours is None else flags.maximum_hours * 3600


def rent_wish(flags: RentFlags, settings: Settings) -> RentWish:
    """Return what a rented pod is to be: what the flags say, else the settings."""
    values = settings.values.runpod
    ceiling = flags.maximum_price_per_hour_usd
    return RentWish(
        gpu_types=flags.gpu_types or gpu_types_of(values.gpu_types),
        maximum_price_per_hour_usd=values.maximum_price_per_hour_usd if ceiling is None else ceiling,
        cloud=cast(CloudWish, flags.cloud or values.cloud),
        data_center=(flags.data_center or values.data_center or "").upper() or None,
        volume_id=values.volume_id,
        lifetime_seconds=lifetime_seconds(flags, settings),
    )


def _never(quote: Quote) -> None:
    why = f"a new pod would have to be rented, at up to ${quote.price_per_hour_usd:.2f}/h, and this command does not do that"
    raise NotReadyError(why, hint=f"fluxctl up --provider {RUNPOD}", code="not_running")


def _keep(why: str) -> None:
    raise NotReadyError(why, hint="fluxctl up asks, and rents another one", code="stopped_pod_lost")


@dataclass
class Renting:
    """The terms of one command. Without anybody to ask, nothing that costs money is made."""

    flags: RentFlags = field(default_factory=RentFlags)
    ask: Callable[[Quote], None] = _never
    """Shows what a pod costs, and asks; returns when the person agrees, raises when not."""
    ask_to_replace: Callable[[str], None] = _keep
    """Given what would be lost with a stopped pod, the same."""
    _agreed: Quote | None = None
    _is_fresh: bool = False

    def agree(self, quote: Quote) -> None:
        """Have the person agree now to the pod that is rented next."""
        if not self._covers(quote):
            self.ask(quote)
            self._agreed = quote
        self._is_fresh = True

    def settled(self, plan: PodPlan, quoted: Callable[[PodPlan], Quote | None]) -> PodPlan:
        """Given the plan of a pod that is about to be made, return it with the agreed price as its ceiling; raise when nobody agrees.

        `quoted` is asked what it costs, unless the person has just agreed.
        """
        if plan.rent is None:
            return plan
        if not self._is_fresh:
            quote = quoted(plan)
            if quote is not None:
                self.agree(quote)
        self._is_fresh = False
        if self._agreed is None:
            return plan
        ceilings = (self._agreed.price_per_hour_usd, plan.rent.maximum_price_per_hour_usd)
        ceiling = min(price for price in ceilings if price is not None)
        return replace(plan, rent=replace(plan.rent, maximum_price_per_hour_usd=ceiling))

    def _covers(self, quote: Quote) -> bool:
        """Return whether an earlier yes of this command was to a pod that costs no less."""
        agreed = self._agreed
        return agreed is not None and quote.price_per_hour_usd <= agreed.price_per_hour_usd
