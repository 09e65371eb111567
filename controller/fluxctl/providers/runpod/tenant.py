"""This user at RunPod: the API with the user's key, the owner id, the ledger, and the market's clock."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, ProviderError
from fluxctl.ledger import Ledger, Rentals, RentedPod
from fluxctl.providers.runpod.account_mark import mark_of, same_account, same_key
from fluxctl.providers.runpod.api import Account, RunpodApi, open_api
from fluxctl.providers.runpod.naming import NAME
from fluxctl.settings.load import Settings
from fluxctl.settings.owner import known_owner_id, owner_id


@dataclass
class Tenant:
    """What every part of the provider needs."""

    environment: Environment
    settings: Settings
    notes: list[str] = field(default_factory=list[str])
    """Sentences for the person, such as that the ledger was damaged."""
    proven: set[str] = field(default_factory=set[str])
    """Marks in the ledger that are known to be of this account, because the key of now sees a pod that bears them."""

    @cached_property
    def api(self) -> RunpodApi:
        """Return the way to RunPod; raise SettingsError without a key."""
        return open_api(self.environment, self.settings)

    @property
    def owner(self) -> str:
        """Return the owner id, "" while there is none."""
        return known_owner_id(self.environment) or ""

    def own(self) -> str:
        """Return the owner id, made now if there is none."""
        return owner_id(self.environment)

    def now(self) -> float:
        """Return the time on RunPod's clock, in seconds since 1970 (UTC): this computer's may be wrong."""
        return self.environment.now() + self.api.server_time_skew_seconds

    @contextmanager
    def book(self) -> Generator[Rentals]:
        """Open the ledger's part about rented pods."""
        with Ledger.open(self.environment) as ledger:
            yield ledger.rentals
            self.notes += ledger.notes

    def open_pods(self) -> list[RentedPod]:
        """Return this ledger's pods at RunPod that are not known to be gone, newest first."""
        with self.book() as book:
            return [pod for pod in book.open_pods() if pod.provider == NAME]

    @cached_property
    def account(self) -> Account:
        """Return the account; without an id where the key may not see it."""
        try:
            return self.api.account()
        except ProviderError as error:
            if error.code != "rights":
                raise
            return Account("", None, None)

    def fresh_account(self) -> Account:
        """Ask for the account again: its balance changes."""
        self.__dict__.pop("account", None)
        return self.account

    @property
    def mark(self) -> str:
        """Return what tells this account from another in the ledger."""
        return mark_of(self._key, self.account.id)

    def is_same_account(self, mark: str) -> bool:
        """Return whether the key of now is known to be of the account that a mark in the ledger stands for."""
        if mark in self.proven or same_key(mark, self._key):
            return True
        try:
            return same_account(mark, self.account.id)
        except FluxctlError:
            return False

    @property
    def _key(self) -> str:
        secret = self.settings.secrets.runpod_api_key
        return secret.reveal() if secret else ""
