"""Checks what RunPod tells: whether it takes the key, money, clock, volume, and stock where the volume lies."""

from dataclasses import dataclass

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, NoCapacityError, ProviderError
from fluxctl.pods.data_center import DataCenterStock
from fluxctl.pods.offer import Offer, Stock
from fluxctl.pods.volume import NetworkVolume
from fluxctl.pods.volume_place import volume_places
from fluxctl.providers.runpod.api import RunpodApi
from fluxctl.services.account import runpod_account
from fluxctl.services.choice import RUNPOD
from fluxctl.services.doctor.check import Check, failed, ok, skipped, warning
from fluxctl.services.in_time import in_time, tried
from fluxctl.services.key_checks import REFUSED, account_words
from fluxctl.services.volumes import volume_gone, volume_misfit, volume_words, wanted_gpus
from fluxctl.settings.load import Settings

THEY = "RunPod"
WITHOUT_KEY = "RUNPOD_API_KEY is not set; only renting a GPU needs it"
BILLING_PAGE = "https://console.runpod.io/user/billing"
LARGEST_SKEW_SECONDS = 30.0
"""A pod's deadlines are counted from a creation time that is corrected by RunPod's clock; more than this is worth knowing."""
MOST_SECONDS = 15.0
"""For one question with its repetitions: a doctor who hangs helps nobody."""


@dataclass
class AccountChecks:
    """The checks that need RunPod, in one session."""

    environment: Environment
    settings: Settings

    def all(self) -> list[Check]:
        """Make them; without a key none of them asks anybody."""
        names = ("RUNPOD_API_KEY", "balance", "clock", "volume", "gpus")
        if self.settings.secrets.runpod_api_key is None and self.settings.values.provider != RUNPOD:
            return [skipped(name, WITHOUT_KEY, "fluxctl init" if name == names[0] else "") for name in names]
        try:
            with runpod_account(self.environment, self.settings) as api:
                return self._asked(api, names)
        except FluxctlError as error:
            why = f"{names[0]} comes first" if error.code in REFUSED | {"no_runpod_key"} else "RunPod cannot be asked"
            return [failed(names[0], error), *(skipped(name, why) for name in names[1:])]

    def _asked(self, api: RunpodApi, names: tuple[str, ...]) -> list[Check]:
        account = in_time(api.account, MOST_SECONDS, THEY)
        found = [ok(names[0], account_words(account))]
        offers, no_offers = tried(api.offers, MOST_SECONDS, THEY)
        found.append(self._balance(account.balance_usd, offers or ()))
        found.append(check_clock(api.server_time_skew_seconds))
        stock, no_stock = tried(api.stock, MOST_SECONDS, THEY)
        volumes, no_volumes = tried(api.volumes, MOST_SECONDS, THEY) if self.settings.values.runpod.volume_id is not None else ((), None)
        found.append(failed("volume", no_volumes) if no_volumes else self._volume(volumes or ()))
        if no_volumes:
            found.append(skipped("gpus", "without the volume it is not known where to look"))
        elif problem := no_stock or no_offers:
            found.append(failed("gpus", problem))
        else:
            found.append(self._gpus(self._where(volumes or ()), stock or (), offers or ()))
        return found

    def _balance(self, balance_usd: float | None, offers: tuple[Offer, ...]) -> Check:
        prices = self._prices(offers)
        if balance_usd is None:
            return skipped("balance", "RunPod does not say it over this transport")
        if not prices:
            return ok("balance", f"${balance_usd:.2f}")
        gpu, hourly = min(prices.items(), key=lambda item: item[1])
        if balance_usd < hourly:
            why = f"${balance_usd:.2f} is less than an hour of {gpu} (${hourly:.2f}), which RunPod asks for"
            return failed("balance", ProviderError(why, hint=f"add money: {BILLING_PAGE}", code="balance"))
        first = next(iter(prices))
        words = f"${balance_usd:.2f}: {balance_usd / prices[first]:.0f} h of {first} at ${prices[first]:.2f}/h"
        dearest = max(prices, key=lambda each: prices[each])
        if balance_usd < prices[dearest]:
            why = f"; less than an hour of {dearest} (${prices[dearest]:.2f})"
            return warning("balance", words + why, f"add money: {BILLING_PAGE}")
        return ok("balance", words)

    def _prices(self, offers: tuple[Offer, ...]) -> dict[str, float]:
        """Return wanted GPU type → lowest price an hour, in the order in which they are wanted."""
        found: dict[str, float] = {}
        for gpu in wanted_gpus(self.settings):
            known = [offer.price_per_hour_usd for offer in self._fitting(offers, gpu) if offer.price_per_hour_usd is not None]
            if known:
                found[gpu] = min(known)
        return found

    def _fitting(self, offers: tuple[Offer, ...], gpu: str) -> list[Offer]:
        """Return the offers of a type in the clouds that are wanted."""
        cloud = self.settings.values.runpod.cloud
        return [offer for offer in offers if offer.gpu_type == gpu and cloud in ("any", offer.cloud)]

    def _volume(self, volumes: tuple[NetworkVolume, ...]) -> Check:
        wanted = self.settings.values.runpod.volume_id
        if wanted is None:
            return warning("volume", "none is set: every pod downloads the model anew, and pays for that time", "fluxctl init --volume new")
        volume = next((each for each in volumes if each.id == wanted), None)
        if volume is None:
            return failed("volume", volume_gone(wanted))
        misfit = volume_misfit(volume, self.settings)
        return failed("volume", misfit) if misfit else ok("volume", volume_words(volume))

    def _gpus(self, where: str | None, stock: tuple[DataCenterStock, ...], offers: tuple[Offer, ...]) -> Check:
        """Say which of the wanted GPUs can be had now; `where`: in which data centre, None for anywhere."""
        wanted = wanted_gpus(self.settings)
        unknown = [gpu for gpu in wanted if offers and gpu not in {offer.gpu_type for offer in offers}]
        if where is None:
            found = [(gpu, offer.stock) for gpu in wanted for offer in self._fitting(offers, gpu)]
        else:
            found = list(next((place.stock for place in volume_places(stock, wanted) if place.data_center == where), ()))
        have = [f"{gpu} ({level})" for gpu, level in found if level not in (Stock.NONE, Stock.UNKNOWN)]
        if not have and any(level is Stock.UNKNOWN for _, level in found):
            return warning("gpus", "RunPod does not say whether any of the wanted GPUs is in stock", "fluxctl gpus")
        if not have:
            why = f"none of the wanted GPUs is in stock{f' in {where}' if where else ''} now"
            return failed("gpus", NoCapacityError(why, hint="try again later, or fluxctl gpus"))
        words = f"{'in ' + where + ': ' if where else ''}{', '.join(have)}"
        if unknown:
            return warning("gpus", f"{words}; RunPod has no {', '.join(unknown)}", "fluxctl gpus")
        return ok("gpus", words)

    def _where(self, volumes: tuple[NetworkVolume, ...]) -> str | None:
        """Return the data centre that volume or setting decide, None for anywhere."""
        values = self.settings.values.runpod
        return next((each.data_center for each in volumes if each.id == values.volume_id), values.data_center)


def check_clock(skew_seconds: float) -> Check:
    """Given RunPod's clock minus this computer's, say whether they agree."""
    if abs(skew_seconds) <= LARGEST_SKEW_SECONDS:
        return ok("clock", f"within {max(1, round(abs(skew_seconds)))} s of RunPod's")
    behind = "behind" if skew_seconds > 0 else "before"
    why = f"this computer's clock is {abs(skew_seconds):.0f} s {behind} RunPod's; pods' deadlines are corrected by it, times shown are not"
    return warning("clock", why, "sudo timedatectl set-ntp true")
