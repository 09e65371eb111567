"""The account book: which pod ran for how long at whose cost, to the cent."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

HOURS_A_MONTH = 730
CONTAINER_DISK_USD = 0.10
"""A GB and month, while the pod runs."""
VOLUME_DISK_USD = {True: 0.10, False: 0.20}
"""A GB and month, while the pod runs; while it is stopped."""


@dataclass(frozen=True)
class Amount:
    """Money for a time."""

    gpu: Decimal = Decimal(0)
    disk: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """Return all of it."""
        return self.gpu + self.disk

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.gpu + other.gpu, self.disk + other.disk)


@dataclass
class Stretch:
    """A time with one price."""

    began: float
    gpu_usd_per_hour: float
    disk_usd_per_hour: float
    ended: float | None = None

    def amount(self, since: float, until: float) -> Amount:
        """Return what falls into a time."""
        began, ended = max(self.began, since), min(until if self.ended is None else self.ended, until)
        hours = Decimal(max(0.0, ended - began)) / 3600
        return Amount(hours * Decimal(str(self.gpu_usd_per_hour)), hours * Decimal(str(self.disk_usd_per_hour)))


@dataclass
class Entry:
    """One pod's lines in the book; they stay when the pod is gone."""

    pod_id: str
    name: str
    gpu_type: str
    account: str
    created_at: float
    stretches: list[Stretch] = field(default_factory=list[Stretch])
    gone_at: float | None = None
    """None: it is still there, stopped perhaps."""
    end: str = ""
    """The platform's words about its end."""

    @property
    def runs(self) -> bool:
        """Whether its GPU is being paid for."""
        return bool(self.stretches) and self.stretches[-1].ended is None and self.stretches[-1].gpu_usd_per_hour > 0

    def seconds(self, now: float) -> float:
        """Return how long its GPU was paid for."""
        paid = [stretch for stretch in self.stretches if stretch.gpu_usd_per_hour > 0]
        return sum((now if stretch.ended is None else stretch.ended) - stretch.began for stretch in paid)

    def amount(self, since: float, until: float) -> Amount:
        """Return what it cost in a time."""
        return sum((stretch.amount(since, until) for stretch in self.stretches), Amount())

    def cost_usd(self, now: float) -> float:
        """Return what it has cost by now."""
        return float(self.amount(-math.inf, now).total)


@dataclass
class Book:
    """Every pod that ever was, in the order of creation."""

    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, pod_id: str) -> Entry:
        return self.entries[pod_id]

    @property
    def running(self) -> list[Entry]:
        """Return those whose GPU is being paid for."""
        return [entry for entry in self if entry.runs]

    @property
    def left(self) -> list[Entry]:
        """Return those that are not gone: running, or stopped."""
        return [entry for entry in self if entry.gone_at is None]

    def begin(self, pod_id: str, now: float, gpu_usd_per_hour: float, disk_usd_per_hour: float) -> None:
        """Note a new price from now on."""
        self.close(pod_id, now)
        self.entries[pod_id].stretches.append(Stretch(now, gpu_usd_per_hour, disk_usd_per_hour))

    def close(self, pod_id: str, now: float) -> None:
        """Note that nothing more is to be paid."""
        stretches = self.entries[pod_id].stretches
        if stretches and stretches[-1].ended is None:
            stretches[-1].ended = max(now, stretches[-1].began)

    def spent_usd(self, account: str, now: float) -> float:
        """Return what an account has spent by now."""
        return float(sum((entry.amount(-math.inf, now).total for entry in self if entry.account == account), Decimal(0)))

    def lines(self, now: float) -> list[str]:
        """Return the book for people."""
        if not self.entries:
            return ["no pod was rented"]
        rows = [
            f"{entry.pod_id}  {entry.name}  {entry.gpu_type}  {entry.seconds(now):.0f} s  ${entry.cost_usd(now):.4f}  "
            f"{'RUNS' if entry.runs else 'stopped' if entry.gone_at is None else 'ended'}"
            for entry in self
        ]
        total = sum(entry.cost_usd(now) for entry in self)
        return [*rows, f"{len(self)} pod{'' if len(self) == 1 else 's'}, {len(self.running)} running, ${total:.2f} in all"]


def disk_usd_per_hour(container_gb: int, volume_gb: int, *, running: bool) -> float:
    """Given a pod's disks, return what they cost an hour."""
    monthly = volume_gb * VOLUME_DISK_USD[running] + (container_gb * CONTAINER_DISK_USD if running else 0.0)
    return monthly / HOURS_A_MONTH
