"""The platform itself: rents pods out, starts, stops and ends them, and keeps the book. No API is known here."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.cloud import refusal as kinds
from tests.cloud.account import Account, Key, Volume
from tests.cloud.book import Book, Entry, disk_usd_per_hour
from tests.cloud.catalog import Catalog
from tests.cloud.lives import Lives
from tests.cloud.placing import Placed, place
from tests.cloud.pod import EXITED, RUNNING, TERMINATED, CloudPod, Order, date_words
from tests.cloud.refusal import Refusal
from tests.cloud.tier import Tier

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass
class Market:
    """All accounts and pods. Whoever calls holds `lock`, and has called `settle` first."""

    now: Callable[[], float]
    tier: Tier
    random: random.Random
    catalog: Catalog = field(default_factory=Catalog)
    book: Book = field(default_factory=Book)
    keys: dict[str, Key] = field(default_factory=dict[str, Key])
    pods: dict[str, CloudPod] = field(default_factory=dict[str, CloudPod])
    """Every one that ever was."""
    lives: Lives = field(default_factory=Lives)
    late: list[tuple[float, Account, Order]] = field(default_factory=list[tuple[float, Account, Order]])
    """Pods whose rent takes effect only then."""
    late_seconds: float | None = None
    """So much later the next rent takes effect."""
    billing_delay_seconds: float = 0.0
    """So long after it the billing knows of a second."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    closed: threading.Event = field(default_factory=threading.Event)

    def billed_until(self) -> float:
        """Return until when the billing knows everything."""
        return self.now() - self.billing_delay_seconds

    def new_id(self, length: int = 14) -> str:
        """Return an id that nothing has."""
        return "".join(self.random.choices(LETTERS, k=length))

    def settle(self) -> None:
        """Let happen what is due by now: late rents, ends that came by themselves, an empty account."""
        now = self.now()
        due = [one for one in self.late if one[0] <= now]
        self.late = [one for one in self.late if one[0] > now]
        for at, account, order in due:
            try:
                self._rent(account, order, at)
            except Refusal:
                continue  # nobody waits for the answer any more
        for pod in self.pods.values():
            if pod.desired == RUNNING and (exited := self.tier.look(pod, now).exited_at) is not None:
                self._stop(pod, exited, f"{pod.life.exit_words}: {date_words(exited)}" if pod.life.exit_words else "")
            if pod.desired == RUNNING and self.balance_usd(pod.account) <= 0:
                self._cut_off(pod, now)

    def balance_usd(self, account: Account) -> float:
        """Return what an account has left."""
        return account.funds_usd - self.book.spent_usd(account.id, self.now())

    def spend_per_hour_usd(self, account: Account) -> float:
        """Return what an account's running pods cost an hour."""
        return sum(pod.price_per_hour_usd for pod in self.pods.values() if pod.account is account and pod.desired == RUNNING)

    def pods_of(self, account: Account) -> list[CloudPod]:
        """Return the pods that a list shows."""
        return [pod for pod in self.pods.values() if pod.account is account and pod.shows(self.now())]

    def find(self, account: Account, pod_id: str) -> CloudPod | None:
        """Return a pod of an account, None for an id that it does not have."""
        pod = self.pods.get(pod_id)
        return pod if pod is not None and pod.account is account and pod.shows(self.now()) else None

    def require(self, account: Account, pod_id: str) -> CloudPod:
        """Do the same; raise Refusal."""
        pod = self.find(account, pod_id)
        if pod is None or pod.desired == TERMINATED:
            raise Refusal(kinds.NOT_FOUND)
        return pod

    def rent(self, account: Account, order: Order) -> CloudPod:
        """Rent a pod out; raise Refusal."""
        if self.late_seconds is not None:
            self.late.append((self.now() + self.late_seconds, account, order))
            self.late_seconds = None
            raise Refusal(kinds.INTERNAL)
        return self._rent(account, order, self.now())

    def stop(self, pod: CloudPod) -> None:
        """Stop a pod."""
        if pod.desired == RUNNING and not pod.ignores_an_end():
            self._stop(pod, self.now(), f"Exited by user: {date_words(self.now())}")

    def start(self, pod: CloudPod) -> None:
        """Start a pod that was stopped, on the host where it was; raise Refusal."""
        if pod.desired == RUNNING:
            return
        if pod.life.host_taken:
            raise Refusal(kinds.NO_FREE_GPUS)
        self._check_money(pod.account, pod.price_per_hour_usd)
        pod.desired, pod.stopped_at = RUNNING, None
        pod.words = f"Resumed by user: {date_words(self.now())}"
        self._begin(pod, self.now())

    def restart(self, pod: CloudPod) -> None:
        """Start a running pod's container again; raise Refusal."""
        if pod.desired != RUNNING:
            raise Refusal(kinds.WRONG_STATE, f"pod is {pod.desired}")
        pod.restarts_asked += 1
        self.tier.restart(pod, self.now())

    def terminate(self, pod: CloudPod, words: str = "Terminated by user") -> None:
        """End a pod for good."""
        if not pod.ignores_an_end():
            self._terminate(pod, self.now(), f"{words}: {date_words(self.now())}")

    def _terminate(self, pod: CloudPod, now: float, words: str) -> None:
        pod.desired, pod.gone_at, pod.words = TERMINATED, now, words
        self.book.close(pod.id, now)
        entry = self.book[pod.id]
        entry.gone_at, entry.end = now, pod.words
        self.tier.end(pod, now, keep=False)

    def add_volume(self, account: Account, name: str, size_gb: int, data_center: str, kind: str = "") -> Volume:
        """Make a network volume, of the place's own tier where none is named; raise Refusal."""
        found = next((one for one in self.catalog.places if one.id == data_center), None)
        if found is None or not found.tiers or (kind and kind not in found.tiers):
            raise Refusal(kinds.BROKEN_RULE, f"data center {data_center} does not support {kind or 'network'} volumes")
        volume = Volume(self.new_id(10), name, size_gb, data_center, kind or found.tiers[0])
        account.volumes[volume.id] = volume
        return volume

    def _rent(self, account: Account, order: Order, now: float) -> CloudPod:
        placed = place(self.catalog, account, order)
        self._check_money(account, placed.price_per_hour_usd)
        pod = self._make(account, order, placed, now)
        self.pods[pod.id] = pod
        self.keys[pod.key] = Key(pod.key, account, "pod", pod.id)
        self.book.entries[pod.id] = Entry(pod.id, order.name, placed.kind.id, account.id, now)
        self._begin(pod, now)
        return pod

    def _make(self, account: Account, order: Order, placed: Placed, now: float) -> CloudPod:
        return CloudPod(
            id=self.new_id(),
            account=account,
            order=order,
            kind=placed.kind,
            cloud=placed.cloud,
            data_center=placed.data_center,
            price_per_hour_usd=placed.price_per_hour_usd,
            created_at=now,
            key=f"rpa_{self.new_id(40).upper()}",
            life=self.lives.take(order),
            words=f"Rented by User: {date_words(now)}",
        )

    def _begin(self, pod: CloudPod, now: float) -> None:
        pod.started_at = now
        pod.starts += 1
        disk = disk_usd_per_hour(pod.order.disk_gb, pod.order.volume_gb, running=True)
        self.book.begin(pod.id, now, pod.price_per_hour_usd, disk)
        self.tier.start(pod, now)

    def _stop(self, pod: CloudPod, now: float, words: str) -> None:
        pod.last_ssh = self.tier.look(pod, now).ssh
        pod.desired, pod.stopped_at, pod.words = EXITED, now, words
        disk = disk_usd_per_hour(pod.order.disk_gb, pod.order.volume_gb, running=False)
        self.book.close(pod.id, now)
        if disk:
            self.book.begin(pod.id, now, 0.0, disk)
        self.tier.end(pod, now, keep=True)

    def _cut_off(self, pod: CloudPod, now: float) -> None:
        """Take a pod from somebody who has no money left: what lies on a network volume is kept, what lies elsewhere is not."""
        if pod.order.volume_id:
            self._stop(pod, now, "Exited by RunPod: Insufficient balance")
        else:
            self._terminate(pod, now, f"Terminated by RunPod: {date_words(now)}")

    def _check_money(self, account: Account, price: float) -> None:
        if self.balance_usd(account) < price:
            raise Refusal(kinds.BALANCE)
        if self.spend_per_hour_usd(account) + price > account.spend_limit_usd:
            limit = f"(${account.spend_limit_usd:.2f}/hr)"
            raise Refusal(
                kinds.SPENDING_LIMIT, f"INSUFFICIENT_BALANCE: Renting this pod would put you over your current spending limit {limit}"
            )
