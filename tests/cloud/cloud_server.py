"""What a test, or somebody at play, does to the platform: faults, stock, prices, money; and what it looks at: pods, calls, the book."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.cloud.account import ALL, Account, Key, Volume
from tests.cloud.book import Book
from tests.cloud.calls import Call
from tests.cloud.catalog import Catalog
from tests.cloud.faults import Fault, Faults
from tests.cloud.http import Handler
from tests.cloud.limit import CallLimit
from tests.cloud.listening import Listening
from tests.cloud.market import Market
from tests.cloud.pod import CloudPod, Life

SETTLE_SECONDS = 0.2


@dataclass
class CloudServer:
    """What a test, or somebody at play, does to the platform; fluxctl and the pods only see its two APIs."""

    market: Market
    faults: Faults = field(default_factory=Faults)
    calls: list[Call] = field(default_factory=list[Call])
    """Every request that came with a known key, the oldest first."""
    bugs: list[Exception] = field(default_factory=list[Exception])
    """What went wrong in this server itself; raised at its end."""
    url: str = ""
    account: Account = field(default_factory=lambda: Account("user_2cloud"))
    key: str = field(default="", repr=False)
    """Opens everything of `account`."""
    calls_a_minute: int | None = None
    """So many calls of a key are answered in a minute, the others with 429. None: any number."""
    date_error_seconds: float = 0.0
    """By how much the `Date` header is wrong."""
    limit: CallLimit = field(default_factory=CallLimit)
    _http: Listening | None = None

    def exports(self) -> dict[str, str]:
        """Return the variables that point fluxctl at this server."""
        return {**self.addresses(), "RUNPOD_API_KEY": self.key}

    def addresses(self) -> dict[str, str]:
        """Return the variables of both base URLs."""
        return {"RUNPOD_API_BASE_URL": self.url, "RUNPOD_REST_BASE_URL": f"{self.url}/v2"}

    @property
    def book(self) -> Book:
        """Return the account book, up to now."""
        with self.market.lock:
            self.market.settle()
            return self.market.book

    @property
    def pods(self) -> dict[str, CloudPod]:
        """Return every pod that ever was, by id."""
        with self.market.lock:
            self.market.settle()
            return dict(self.market.pods)

    @property
    def running(self) -> list[CloudPod]:
        """Return the pods that are being paid for."""
        return [pod for pod in self.pods.values() if pod.desired == "RUNNING"]

    @property
    def catalog(self) -> Catalog:
        """Return what can be rented."""
        return self.market.catalog

    def now(self) -> float:
        """Return the platform's time."""
        return self.market.now()

    def fault(self, on: str | Iterable[str], what: str, **how: Any) -> Fault:
        """Lay down a fault (see `Fault`): `fault("create", "timeout_after_effect")`, `fault("list", "429", retry_after_seconds=7)`."""
        with self.market.lock:
            return self.faults.add(on, what, **how)

    def stock(self, gpu_type: str, level: str, data_center: str = "", cloud: str = "") -> None:
        """Say how many are left: High, Medium, Low or None."""
        with self.market.lock:
            self.catalog.set_level(gpu_type, level, data_center, cloud)

    def price(self, gpu_type: str, secure: float | None = None, community: float | None = None) -> None:
        """Change what a type costs an hour, for pods that are rented from now on."""
        kind = self.catalog.kind(gpu_type)
        assert kind is not None, f"there is no GPU type {gpu_type}"
        kind.prices.update({cloud: price for cloud, price in (("SECURE", secure), ("COMMUNITY", community)) if price is not None})

    def next_life(self, **life: Any) -> None:
        """Say what becomes of the next pod that is rented (see `Life`); called again, of the one after it."""
        with self.market.lock:
            self.market.lives.coming.append(Life(**life))

    def missing_image(self, image: str, how: str = "exits") -> None:
        """Let an image be missing: its pods go EXITED after 6 s (`exits`), or the pull is tried for ever (`loops`)."""
        self.market.lives.missing_images[image] = how

    def add_volume(
        self, name: str, size_gb: int = 80, data_center: str = "EU-RO-1", account: Account | None = None, kind: str = "STANDARD"
    ) -> Volume:
        """Make a network volume."""
        with self.market.lock:
            return self.market.add_volume(account or self.account, name, size_gb, data_center, kind)

    def add_account(self, account_id: str) -> Account:
        """Make another account."""
        return Account(account_id)

    def add_key(self, rights: str = ALL, account: Account | None = None) -> str:
        """Make a key: rights `all`, `read` (changes nothing), `restricted` (sees nothing)."""
        with self.market.lock:
            value = f"rpa_{self.market.new_id(40).upper()}"
            self.market.keys[value] = Key(value, account or self.account, rights)
        return value

    def balance(self, usd: float) -> None:
        """Let the account have so much left."""
        with self.market.lock:
            self.account.funds_usd += usd - self.market.balance_usd(self.account)

    def called(self, *operations: str) -> list[Call]:
        """Return the calls of these kinds; without any, all."""
        return [call for call in list(self.calls) if not operations or call.operations & set(operations)]

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Let nobody listen: connections are refused."""
        assert self._http is not None
        self._http.close()
        try:
            yield
        finally:
            self._http.open()

    def keep_settling(self) -> None:
        """Let happen what is due also while nobody asks, until the end."""
        while not self.market.closed.wait(SETTLE_SECONDS):
            with self.market.lock:
                self.market.settle()

    def open(self) -> None:
        """Begin to listen."""
        self.key = self.key or self.add_key()
        self._http = Listening(type("Bound", (Handler,), {"cloud": self}))
        self._http.open()
        self.url = self._http.url

    def close(self) -> None:
        """End every pod and listen no more."""
        self.market.closed.set()
        if self._http is not None:
            self._http.close()
        self.market.tier.close()
