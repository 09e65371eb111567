"""Chooses how RunPod is spoken to: GraphQL for as long as it is there, REST v2 from its end on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from fluxctl.environment import Environment
from fluxctl.pods.data_center import DataCenterStock
from fluxctl.pods.offer import Offer
from fluxctl.pods.rental import Rental
from fluxctl.pods.volume import NetworkVolume
from fluxctl.providers.runpod.access import Access, access_from
from fluxctl.providers.runpod.api import Account, Bill, CreateOrder, Lifecycle
from fluxctl.providers.runpod.errors import RetiredError
from fluxctl.providers.runpod.graphql import GraphqlLifecycle
from fluxctl.providers.runpod.platform import RestPlatform
from fluxctl.providers.runpod.rest import RestLifecycle
from fluxctl.providers.runpod.rest_http import RestCaller
from fluxctl.providers.runpod.retrying import Calls
from fluxctl.settings.load import Settings

AUTO, GRAPHQL, REST = "auto", "graphql", "rest"
_retired: set[str] = set()
"""Where GraphQL was found to be no more, for the life of this process."""

Result = TypeVar("Result")


@dataclass
class Transport:
    """A `RunpodApi`: see `api`."""

    access: Access
    calls: Calls
    wanted: str
    _http: RestCaller = field(init=False)
    _graphql: GraphqlLifecycle = field(init=False)
    _rest: RestLifecycle = field(init=False)
    _platform: RestPlatform = field(init=False)

    def __post_init__(self) -> None:
        """Make the ways; nothing is sent."""
        self._http = RestCaller(self.access)
        self._graphql = GraphqlLifecycle(self.access, self.calls)
        self._rest = RestLifecycle(self.access, self.calls, self._http)
        self._platform = RestPlatform(self.calls, self._http)

    @property
    def transport(self) -> str:
        """Return how the next lifecycle call goes."""
        return REST if self.wanted == REST or (self.wanted == AUTO and self.access.graphql_url in _retired) else GRAPHQL

    @property
    def server_time_skew_seconds(self) -> float:
        """Return RunPod's clock minus ours."""
        return self.calls.skew_seconds

    def rentals(self) -> tuple[Rental, ...]:
        """Return every pod of the account."""
        return self._spoken(lambda way: way.rentals())

    def rental(self, pod_id: str) -> Rental | None:
        """Return one pod, None when there is none."""
        return self._spoken(lambda way: way.rental(pod_id))

    def create(self, order: CreateOrder) -> Rental:
        """Rent a pod. An API that is no more has made none, so that the other one may be asked."""
        return self._spoken(lambda way: way.create(order))

    def terminate(self, pod_id: str) -> None:
        """Ask for the pod's end."""
        self._spoken(lambda way: way.terminate(pod_id))

    def stop(self, pod_id: str) -> None:
        """Ask for the pod to be stopped."""
        self._spoken(lambda way: way.stop(pod_id))

    def start(self, pod_id: str) -> Rental:
        """Start a stopped pod."""
        return self._spoken(lambda way: way.start(pod_id))

    def offers(self, *, cuda_floor: str | None = None, data_center: str | None = None) -> tuple[Offer, ...]:
        """Return every GPU type with price and stock."""
        return self._spoken(lambda way: way.offers(cuda_floor=cuda_floor, data_center=data_center))

    def account(self) -> Account:
        """Return what RunPod says of the account."""
        return self._spoken(lambda way: way.account())

    def volumes(self) -> tuple[NetworkVolume, ...]:
        """Return the account's network volumes."""
        return self._platform.volumes()

    def create_volume(self, name: str, size_gb: int, data_center: str) -> NetworkVolume:
        """Make a network volume."""
        return self._platform.create_volume(name, size_gb, data_center)

    def stock(self) -> tuple[DataCenterStock, ...]:
        """Return every data centre with the GPU types that it has now."""
        return self._platform.stock()

    def system_log(self, pod_id: str, tail: int = 100) -> tuple[str, ...]:
        """Return the last lines that RunPod itself wrote about the pod."""
        return self._platform.system_log(pod_id, tail)

    def container_log(self, pod_id: str, tail: int = 100) -> tuple[str, ...]:
        """Return the last lines that the pod's first process wrote."""
        return self._platform.container_log(pod_id, tail)

    def follow_log(self, pod_id: str, *, system: bool, tail: int = 100) -> Iterator[str]:
        """Yield the last lines of a log, then each new one."""
        return self._platform.follow_log(pod_id, system=system, tail=tail)

    def billing(self, pod_id: str, since: float) -> tuple[Bill, ...]:
        """Return what has been charged for a pod since then."""
        return self._platform.billing(pod_id, since)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _spoken(self, call: Callable[[Lifecycle], Result]) -> Result:
        """Make a call the way it goes now, and over REST when GraphQL is found to be no more."""
        if self.transport == REST:
            return call(self._rest)
        try:
            return call(self._graphql)
        except RetiredError:
            if self.wanted != AUTO:
                raise
        _retired.add(self.access.graphql_url)
        return call(self._rest)


def open_transport(environment: Environment, settings: Settings) -> Transport:
    """Given environment and settings, return the way to the account; raise SettingsError when there is no usable key."""
    access = access_from(settings, environment.variables)
    return Transport(access, Calls(environment), settings.values.runpod.transport)
