"""What fluxctl asks of RunPod, as Protocols: the lifecycle of pods, which two transports speak, and the platform around them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fluxctl.environment import Environment
from fluxctl.pods.data_center import DataCenterStock
from fluxctl.pods.offer import Offer
from fluxctl.pods.rental import Rental
from fluxctl.pods.volume import NetworkVolume
from fluxctl.settings.load import Settings


@dataclass(frozen=True)
class CreateOrder:
    """One pod to be rented: one GPU of one type."""

    name: str
    """Unique: after an unknown outcome the pod is looked up by it."""
    image: str
    gpu_type: str
    cloud: str
    """`secure` or `community`."""
    container_disk_gb: int
    environment: Mapping[str, str] = field(repr=False)
    """Secrets are among it."""
    data_center: str | None = None
    volume_id: str | None = None
    """Network volume; its data centre decides the pod's."""
    ports: tuple[str, ...] = ("22/tcp",)
    cuda_floor: str | None = None
    registry_auth_id: str | None = None
    terminate_after: float | None = None
    """Seconds since 1970 (UTC). RunPod accepts it and does nothing: a free third line, never one to rely on."""
    maximum_price_per_hour_usd: float | None = None
    """GraphQL rents nothing dearer then; REST v2 has no such field."""
    volume_disk_gb: int = 0
    """A disk of its own on the host, which outlives a stop and not the end; not together with a network volume."""


@dataclass(frozen=True)
class Account:
    """What RunPod says of the account; None: this transport or key does not tell."""

    id: str
    """"" where it is not told."""
    balance_usd: float | None
    spend_per_hour_usd: float | None


@dataclass(frozen=True)
class Bill:
    """What RunPod has charged for one pod in one stretch of time."""

    pod_id: str
    start: float
    end: float
    """Seconds since 1970 (UTC)."""
    amount_usd: float


class Lifecycle(Protocol):
    """Pods: GraphQL and REST v2 both do this, and pass one contract suite. Every method raises what `errors` lists."""

    def rentals(self) -> tuple[Rental, ...]:
        """Return every pod of the account; a list that failed raises, it is never ()."""
        ...

    def rental(self, pod_id: str) -> Rental | None:
        """Return one pod; None only when RunPod itself says that there is no such pod."""
        ...

    def create(self, order: CreateOrder) -> Rental:
        """Rent a pod. Never tried twice.

        Raise UnknownOutcomeError when a pod may have been made; every other error proves that none was.
        """
        ...

    def terminate(self, pod_id: str) -> None:
        """Ask for the pod's end; one that is gone already is no error. RunPod has accepted it, which is not yet the end."""
        ...

    def stop(self, pod_id: str) -> None:
        """Ask for the pod to be stopped; raise NoSuchPodError when there is none. It may be shown as running for a while after."""
        ...

    def start(self, pod_id: str) -> Rental:
        """Start a stopped pod; raise NoCapacityError when its host has no GPU free."""
        ...

    def offers(self, *, cuda_floor: str | None = None, data_center: str | None = None) -> tuple[Offer, ...]:
        """Return every GPU type with its price and stock, once for each cloud that has it."""
        ...

    def account(self) -> Account:
        """Return what RunPod says of the account: the cheap call that tells whether the key works."""
        ...

    @property
    def server_time_skew_seconds(self) -> float:
        """RunPod's clock minus ours, as the last answer's Date header said; 0 before the first."""
        ...


class Platform(Protocol):
    """What only REST v2 offers."""

    def volumes(self) -> tuple[NetworkVolume, ...]:
        """Return the account's network volumes."""
        ...

    def create_volume(self, name: str, size_gb: int, data_center: str) -> NetworkVolume:
        """Make a network volume, which costs from now on. Never tried twice; raise UnknownOutcomeError when it may have been made."""
        ...

    def stock(self) -> tuple[DataCenterStock, ...]:
        """Return every data centre with the GPU types that it has now."""
        ...

    def system_log(self, pod_id: str, tail: int = 100) -> tuple[str, ...]:
        """Return the last lines that RunPod itself wrote about the pod: pulling the image, making the container."""
        ...

    def container_log(self, pod_id: str, tail: int = 100) -> tuple[str, ...]:
        """Return the last lines that the pod's first process wrote."""
        ...

    def follow_log(self, pod_id: str, *, system: bool, tail: int = 100) -> Iterator[str]:
        """Yield the last lines of a log, then each new one, over broken connections, until the pod is gone."""
        ...

    def billing(self, pod_id: str, since: float) -> tuple[Bill, ...]:
        """Return what has been charged for a pod since then (seconds since 1970); RunPod is hours behind."""
        ...


class RunpodApi(Lifecycle, Platform, Protocol):
    """All of it. Call `close` at the end."""

    @property
    def transport(self) -> str:
        """Return how the next lifecycle call goes: `graphql` or `rest`."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


def open_api(environment: Environment, settings: Settings) -> RunpodApi:
    """Given environment and settings, return the way to the account of RUNPOD_API_KEY; raise SettingsError when there is no key.

    Nothing is asked yet. `runpod` and `httpx` are imported by the first call that needs them.
    """
    from fluxctl.providers.runpod.transport import open_transport

    return open_transport(environment, settings)
