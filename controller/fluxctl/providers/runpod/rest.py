"""The lifecycle of pods over REST v2."""

from dataclasses import dataclass, replace
from urllib.parse import quote

from fluxctl.pods.offer import Offer
from fluxctl.pods.rental import Rental, RentalState
from fluxctl.providers.runpod import from_rest, rest_bodies
from fluxctl.providers.runpod.access import Access
from fluxctl.providers.runpod.answer import Answer
from fluxctl.providers.runpod.api import Account, CreateOrder
from fluxctl.providers.runpod.classify import Kind, Trouble
from fluxctl.providers.runpod.documents import CLOUDS
from fluxctl.providers.runpod.order_reply import hidden_of, pod_of_order
from fluxctl.providers.runpod.refusal import error_of, unreadable
from fluxctl.providers.runpod.rest_http import Body, RestCaller
from fluxctl.providers.runpod.retrying import Calls

HTTP_BAD_REQUEST = 400


def pod_path(pod_id: str) -> str:
    """Return where a pod is."""
    return f"/pods/{quote(pod_id, safe='')}"


@dataclass
class RestLifecycle:
    """A `Lifecycle`: see `api`."""

    access: Access
    calls: Calls
    http: RestCaller

    @property
    def server_time_skew_seconds(self) -> float:
        """Return RunPod's clock minus ours."""
        return self.calls.skew_seconds

    def rentals(self) -> tuple[Rental, ...]:
        """Return every pod of the account."""
        answer = self.calls.well("list the pods", lambda: self.http.ask("GET", "/pods", hidden=self.http.hidden))
        found = from_rest.rentals_of(answer)
        if found is None:
            raise unreadable("its list of pods")
        return found

    def rental(self, pod_id: str) -> Rental | None:
        """Return one pod, None when there is none."""
        answer, trouble = self._patiently("GET", pod_path(pod_id))
        if trouble is not None and trouble.kind is Kind.NOT_FOUND:
            return None
        if trouble is not None:
            raise error_of(f"show the pod {pod_id}", trouble)
        found = from_rest.rental_in(answer)
        if found is None:
            raise unreadable(f"what it says of the pod {pod_id}")
        return found

    def create(self, order: CreateOrder) -> Rental:
        """Rent a pod; sent once."""
        body, hidden = rest_bodies.create_pod(order), hidden_of(order, self.access.key.reveal())
        answer, trouble = self.calls.once(lambda: self.http.ask("POST", "/pods", body=body, hidden=hidden))
        if trouble is not None and trouble.kind is Kind.REFUSED and trouble.status == HTTP_BAD_REQUEST:
            # Also "no capacity" in words of any kind: the next offer tells which it was.
            trouble = replace(trouble, kind=Kind.CAPACITY)
        return pod_of_order(order, from_rest.rental_in(answer), trouble)

    def terminate(self, pod_id: str) -> None:
        """Ask for the pod's end."""
        answer, trouble = self._patiently("DELETE", pod_path(pod_id))
        if trouble is None and answer.status != 204 and from_rest.rental_in(answer) is None:
            raise unreadable(f"its answer to the end of the pod {pod_id}")
        if trouble is None or trouble.kind is Kind.NOT_FOUND:
            return
        if trouble.kind is Kind.WRONG_STATE and self._has_ended(pod_id):
            return
        raise error_of(f"end the pod {pod_id}", trouble)

    def stop(self, pod_id: str) -> None:
        """Ask for the pod to be stopped."""
        answer, trouble = self._patiently("POST", f"{pod_path(pod_id)}/action", Body({"action": "stop"}))
        if trouble is not None and trouble.kind is Kind.WRONG_STATE and self._is_stopped(pod_id):
            return
        if trouble is not None:
            raise error_of(f"stop the pod {pod_id}", trouble)
        if from_rest.rental_in(answer) is None:
            raise unreadable(f"its answer to the stop of the pod {pod_id}")

    def start(self, pod_id: str) -> Rental:
        """Start a stopped pod; sent once."""
        path, body = f"{pod_path(pod_id)}/action", Body({"action": "start"})
        answer, trouble = self.calls.once(lambda: self.http.ask("POST", path, body=body, hidden=self.http.hidden))
        if trouble is not None:
            raise error_of(f"start the pod {pod_id}", trouble)
        found = from_rest.rental_in(answer)
        if found is None:
            raise unreadable(f"its answer to the start of the pod {pod_id}")
        return found

    def offers(self, *, cuda_floor: str | None = None, data_center: str | None = None) -> tuple[Offer, ...]:
        """Return every GPU type with price and stock: a call for each cloud."""
        return tuple(offer for cloud in CLOUDS for offer in self._offers(cloud, cuda_floor, data_center))

    def account(self) -> Account:
        """Ask for something cheap: REST tells neither the account's id nor its balance."""
        self.calls.well("show the account", lambda: self.http.ask("GET", "/network-volumes", hidden=self.http.hidden))
        return Account("", None, None)

    def _offers(self, cloud: str, cuda_floor: str | None, data_center: str | None) -> tuple[Offer, ...]:
        floor = {"minCudaVersion": cuda_floor} if cuda_floor else {}
        query = {"include": "AVAILABILITY", "product": "POD", "count": "1", "cloud": CLOUDS[cloud], **floor}
        answer = self.calls.well("list its GPUs", lambda: self.http.ask("GET", "/catalog/gpus", query=query, hidden=self.http.hidden))
        found = from_rest.offers_of(answer, cloud, data_center)
        if found is None:
            raise unreadable("its list of GPUs")
        return found

    def _is_stopped(self, pod_id: str) -> bool:
        """Return whether a pod that cannot be stopped is stopped already: a try before may have done it unheard."""
        found = self.rental(pod_id)
        return found is not None and found.state is RentalState.STOPPED

    def _has_ended(self, pod_id: str) -> bool:
        """Return whether a pod that cannot be ended has ended already."""
        found = self.rental(pod_id)
        return found is None or found.state is RentalState.GONE

    def _patiently(self, method: str, path: str, body: Body | None = None) -> tuple[Answer, Trouble | None]:
        return self.calls.patiently(lambda: self.http.ask(method, path, body=body, hidden=self.http.hidden))
