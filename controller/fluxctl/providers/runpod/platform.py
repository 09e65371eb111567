"""What only REST v2 offers: network volumes, stock in each data centre, logs and bills."""

from collections.abc import Iterator
from dataclasses import dataclass

from fluxctl.pods.data_center import DataCenterStock
from fluxctl.pods.volume import STANDARD, NetworkVolume
from fluxctl.providers.runpod import from_rest
from fluxctl.providers.runpod.api import Bill
from fluxctl.providers.runpod.errors import UnknownOutcomeError
from fluxctl.providers.runpod.literal import refuse_broken_text
from fluxctl.providers.runpod.logs import CONTAINER, SYSTEM, PodLog
from fluxctl.providers.runpod.refusal import error_of, unreadable
from fluxctl.providers.runpod.rest_http import Body, RestCaller
from fluxctl.providers.runpod.retrying import Calls
from fluxctl.providers.runpod.times import rfc3339


@dataclass
class RestPlatform:
    """A `Platform`: see `api`."""

    calls: Calls
    http: RestCaller

    def volumes(self) -> tuple[NetworkVolume, ...]:
        """Return the account's network volumes."""
        answer = self.calls.well("list the network volumes", lambda: self.http.ask("GET", "/network-volumes", hidden=self.http.hidden))
        found = from_rest.volumes_of(answer)
        if found is None:
            raise unreadable("its list of network volumes")
        return found

    def create_volume(self, name: str, size_gb: int, data_center: str) -> NetworkVolume:
        """Make a network volume; sent once. Raise UnknownOutcomeError when it may have been made, which would cost."""
        refuse_broken_text(name, "the volume's name")
        # Without a tier the data centre's own default is made, which may be one that costs more than the price that was shown.
        body = Body({"name": name, "size": size_gb, "dataCenter": data_center, "type": STANDARD})
        answer, trouble = self.calls.once(lambda: self.http.ask("POST", "/network-volumes", body=body, hidden=self.http.hidden))
        found = from_rest.volume_in(answer)
        if found is not None:
            return found
        if trouble is not None and trouble.proves_nothing_made:
            raise error_of(f"make the network volume {name} in {data_center}", trouble)
        why = f"it is not known whether RunPod made the network volume {name} in {data_center}, which would cost from now on"
        raise UnknownOutcomeError(f"{why} ({(trouble and trouble.words) or 'its answer names none'})", hint="fluxctl volume ls")

    def stock(self) -> tuple[DataCenterStock, ...]:
        """Return every data centre with the GPU types that it has now."""
        query = {"include": "GPU_AVAILABILITY"}
        answer = self.calls.well(
            "list its data centres", lambda: self.http.ask("GET", "/catalog/datacenters", query=query, hidden=self.http.hidden)
        )
        found = from_rest.data_centers_of(answer)
        if found is None:
            raise unreadable("its list of data centres")
        return found

    def system_log(self, pod_id: str, tail: int = 100) -> tuple[str, ...]:
        """Return the last lines that RunPod itself wrote about the pod."""
        return self._log(pod_id, SYSTEM).last(tail)

    def container_log(self, pod_id: str, tail: int = 100) -> tuple[str, ...]:
        """Return the last lines that the pod's first process wrote."""
        return self._log(pod_id, CONTAINER).last(tail)

    def follow_log(self, pod_id: str, *, system: bool, tail: int = 100) -> Iterator[str]:
        """Yield the last lines of a log, then each new one, until the pod is gone."""
        return self._log(pod_id, SYSTEM if system else CONTAINER).followed(tail)

    def billing(self, pod_id: str, since: float) -> tuple[Bill, ...]:
        """Return what has been charged for a pod since then."""
        query = {"podId": pod_id, "bucketSize": "hour", "startTime": rfc3339(since)}
        answer = self.calls.well("show the bills", lambda: self.http.ask("GET", "/billing/pods", query=query, hidden=self.http.hidden))
        found = from_rest.bills_of(answer)
        if found is None:
            raise unreadable("its list of bills")
        return found

    def _log(self, pod_id: str, source: str) -> PodLog:
        return PodLog(self.calls, self.http, pod_id, source)
