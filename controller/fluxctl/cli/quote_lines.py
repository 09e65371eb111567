"""Shows what a pod would cost before money is spent, and asks."""

from collections.abc import Sequence
from dataclasses import dataclass

from fluxctl.output.moments import dollars, moment, rate, span
from fluxctl.output.plain import one_line
from fluxctl.output.progress import ProgressDisplay
from fluxctl.output.sink import Sink
from fluxctl.pods.offer import Offer, Stock
from fluxctl.pods.quote import Quote
from fluxctl.services.renting import RentFlags, Renting


def quote_lines(quote: Quote) -> list[str]:
    """Return the lines that say what is rented, at what price, and when it ends."""
    how = "is stopped" if quote.disk_gb else "ends"
    ends = f"{how} {span(quote.idle_timeout_seconds)} after its last use, at the latest {moment(quote.latest_end_at)}"
    price = f"{rate(quote.price_per_hour_usd)} at most"
    worst = f"{dollars(quote.worst_case_usd)} if it is used until its latest end, after {span(quote.lifetime_seconds)}"
    return [
        f"image {quote.image}",
        *_machines(quote),
        *(f"passed over: {one_line(passed.gpu_type)} ({one_line(passed.reason)})" for passed in quote.passed_over),
        ends,
        f"costs {price}, billed by the second from the moment it is rented; {worst}",
        _storage(quote),
        *_balance(quote),
    ]


def _machines(quote: Quote) -> list[str]:
    """Return what is tried, in order; or the stopped pod that is started again."""
    if quote.resumes is None:
        return [f"{place}. {_offer(offer)}" for place, offer in enumerate(quote.offers, 1)]
    what = f"{one_line(quote.offers[0].gpu_type)} · {rate(quote.price_per_hour_usd)}"
    return [f"the stopped pod {quote.resumes} is started again: {what}; where its GPU is taken by now you are asked what then"]


def _offer(offer: Offer) -> str:
    place = offer.data_center or "any data centre"
    stock = "" if offer.stock is Stock.UNKNOWN else f" · stock {offer.stock}"
    return f"{one_line(offer.gpu_type)} · {offer.memory_gb} GB · {rate(offer.price_per_hour_usd)} · {offer.cloud} · {place}{stock}"


def _storage(quote: Quote) -> str:
    if quote.volume is None and quote.disk_gb:
        return f"storage a disk of {quote.disk_gb} GB: {dollars(quote.disk_usd_per_month or 0.0)} a month while it is stopped"
    if quote.volume is None:
        return "storage none: without a network volume each pod downloads the model anew, while it costs"
    volume = f"volume {one_line(quote.volume.name)} ({quote.volume.size_gb} GB in {quote.volume.data_center})"
    if quote.storage_usd_per_month is None:
        return f"storage {volume}"
    return f"storage {volume}: {dollars(quote.storage_usd_per_month)} a month, with or without a pod"


def _balance(quote: Quote) -> list[str]:
    if quote.balance_usd is None:
        return []
    hours = quote.balance_usd / quote.price_per_hour_usd if quote.price_per_hour_usd else 0.0
    return [f"balance {dollars(quote.balance_usd)}, {span(hours * 3600)} at this price"]


def say_quote(quote: Quote, sink: Sink) -> None:
    """Tell a person what a pod would cost."""
    for line in quote_lines(quote):
        sink.say(f"plan     {line}")


@dataclass(frozen=True)
class Asking:
    """Asks the person at the terminal; `yes`: agreed beforehand, which is not asked but still shown."""

    sink: Sink
    progress: ProgressDisplay
    yes: bool

    def rent(self, quote: Quote) -> None:
        """Show what a pod costs, and ask; raise DeclinedError when the answer is no, or when nobody can answer."""
        self.progress.clear()
        say_quote(quote, self.sink)
        question = "Rent it for up to" if quote.resumes is None else "Start it again, at"
        self.sink.confirm(f"{question} {rate(quote.price_per_hour_usd)}?", yes=self.yes)

    def replace(self, loss: str) -> None:
        """Say what is lost with a stopped pod, and ask; raise DeclinedError when the answer is no, or when nobody can answer."""
        self.progress.clear()
        self.sink.warn(loss)
        self.sink.confirm("End the stopped pod, lose what lies on its disk, and rent another one?", yes=self.yes)


def renting(flags: RentFlags, sink: Sink, progress: ProgressDisplay, *, yes: bool) -> Renting:
    """Return the terms of a command whose person can be asked."""
    asking = Asking(sink, progress, yes)
    return Renting(flags, asking.rent, asking.replace)


def gpu_types(typed: Sequence[str] | None) -> tuple[str, ...]:
    """Given what `--gpu` got, return it without doubles, in its order."""
    return tuple(dict.fromkeys(" ".join(text.split()) for text in typed or ()))
