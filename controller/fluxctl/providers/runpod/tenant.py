"""This user at RunPod: the API with the user's key, the owner id, the ledger, and the market's clock."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from subprocess import Popen

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, ProviderError
from fluxctl.ledger import Ledger, Rentals, RentedPod
from fluxctl.providers.alone import alone, alone_at_once
from fluxctl.providers.file_trouble import told
from fluxctl.providers.pod_keys import PodFolder
from fluxctl.providers.runpod.account_mark import mark_of, same_account, same_key
from fluxctl.providers.runpod.api import Account, RunpodApi, open_api
from fluxctl.providers.runpod.attendance import Attendance
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
    guards: dict[str, Popen[bytes]] = field(default_factory=dict[str, Popen[bytes]])
    """Those that this process has started, by the name of what they guard."""
    _attended: dict[str, int] = field(default_factory=dict[str, int])
    """What is held open of the pods that this process waits for."""

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

    def alone(self, waiting: Callable[[float], None], patience_seconds: float) -> AbstractContextManager[None]:
        """Keep every other fluxctl of this computer from ordering or settling meanwhile; see `providers.alone`."""
        return alone(self._lock, self.environment, waiting, patience_seconds)

    def alone_at_once(self) -> AbstractContextManager[bool]:
        """Do the same where nobody else does it just now; tell whether that is so."""
        return alone_at_once(self._lock)

    def attendance(self, pod_id: str) -> Attendance:
        """Return who waits for a pod."""
        return Attendance(PodFolder(self.environment.paths.state, pod_id).folder)

    def attend(self, pod_id: str) -> None:
        """Be counted as waiting for a pod, until this process ends."""
        if pod_id not in self._attended:
            self._attended[pod_id] = self.attendance(pod_id).attend()

    @property
    def _lock(self) -> Path:
        folder = self.environment.paths.state / "pods"
        with told(folder, "made"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / "runpod.lock"

    @property
    def _key(self) -> str:
        secret = self.settings.secrets.runpod_api_key
        return secret.reveal() if secret else ""
