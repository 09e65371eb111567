"""Reports what a pod would cost: the JSON object of a quote, in the words of flags and settings."""

from dataclasses import asdict
from typing import Any

from fluxctl.environment import Environment
from fluxctl.pods.quote import Quote
from fluxctl.pods.rent_wish import RentWish
from fluxctl.services.provider import open_provider, pod_plan
from fluxctl.services.renting import RentFlags
from fluxctl.settings.load import Settings

SCHEMA = 1


def quote_for(
    environment: Environment, settings: Settings, *, provider: str, model: str, source: str, flags: RentFlags
) -> tuple[Quote | None, RentWish | None]:
    """Given a provider and the model that is loaded first, return what a new pod there would cost, and what was asked for.

    Both are None where pods cost nothing. Raise NoCapacityError when nothing fits, and whatever would make renting fail as well.
    """
    plan = pod_plan(settings, model, source, provider, flags)
    return (open_provider(provider, environment, settings).quote(plan), plan.rent) if plan.rent is not None else (None, None)


def quote_document(quote: Quote, wish: RentWish | None = None) -> dict[str, Any]:
    """Return the JSON object of what a pod would cost; times are seconds since 1970 (UTC)."""
    return {
        "offers": [{**asdict(offer), "stock": str(offer.stock)} for offer in quote.offers],
        "passed_over": [asdict(passed) for passed in quote.passed_over],
        "price_per_hour_usd": quote.price_per_hour_usd,
        "idle_timeout_seconds": quote.idle_timeout_seconds,
        "lifetime_seconds": quote.lifetime_seconds,
        "latest_end_at": quote.latest_end_at,
        "worst_case_usd": quote.worst_case_usd,
        "image": quote.image,
        "volume": quote.volume and asdict(quote.volume),
        "storage_usd_per_month": quote.storage_usd_per_month,
        "resumes": quote.resumes,
        "disk_gb": quote.disk_gb or None,
        "disk_usd_per_month": quote.disk_usd_per_month,
        "balance_usd": quote.balance_usd,
        **(_wish_document(wish) if wish else {}),
    }


def _wish_document(wish: RentWish) -> dict[str, Any]:
    return {
        "gpu_types": list(wish.gpu_types),
        "maximum_price_per_hour_usd": wish.maximum_price_per_hour_usd,
        "cloud": wish.cloud,
        "data_center": wish.data_center,
    }
