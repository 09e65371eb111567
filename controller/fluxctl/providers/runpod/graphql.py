"""The lifecycle of pods over GraphQL, through RunPod's SDK."""

from dataclasses import dataclass

from fluxctl.pods.offer import Offer
from fluxctl.pods.rental import Rental
from fluxctl.providers.runpod import documents, from_graphql, sdk
from fluxctl.providers.runpod.access import Access
from fluxctl.providers.runpod.answer import Answer
from fluxctl.providers.runpod.api import Account, CreateOrder
from fluxctl.providers.runpod.classify import Kind, Trouble
from fluxctl.providers.runpod.documents import Document
from fluxctl.providers.runpod.hidden import Hidden
from fluxctl.providers.runpod.order_reply import hidden_of, pod_of_order
from fluxctl.providers.runpod.refusal import error_of, unreadable
from fluxctl.providers.runpod.retrying import Calls


@dataclass
class GraphqlLifecycle:
    """A `Lifecycle`: see `api`."""

    access: Access
    calls: Calls

    @property
    def server_time_skew_seconds(self) -> float:
        """Return RunPod's clock minus ours."""
        return self.calls.skew_seconds

    def rentals(self) -> tuple[Rental, ...]:
        """Return every pod of the account."""
        answer = self._well("list the pods", documents.list_pods())
        self._require_account("list the pods", answer)
        found = from_graphql.rentals_of(answer)
        if found is None:
            raise unreadable("its list of pods")
        return found

    def rental(self, pod_id: str) -> Rental | None:
        """Return one pod, None when there is none."""
        what = f"show the pod {pod_id}"
        answer, trouble = self._patiently(documents.one_pod(pod_id))
        if trouble is not None and trouble.kind is not Kind.NOT_FOUND:
            raise error_of(what, trouble)
        self._require_account(what, answer)
        found = from_graphql.rental_in(answer, "pod")
        if found is None and trouble is None and not from_graphql.is_null(answer, "pod"):
            raise unreadable(f"what it says of the pod {pod_id}")
        return found

    def create(self, order: CreateOrder) -> Rental:
        """Rent a pod; sent once."""
        document, hidden = documents.create_pod(order), hidden_of(order, self.access.key.reveal())
        answer, trouble = self.calls.once(lambda: sdk.ask(self.access, document, hidden))
        return pod_of_order(order, from_graphql.rental_in(answer, document.operation), trouble)

    def terminate(self, pod_id: str) -> None:
        """Ask for the pod's end."""
        what = f"end the pod {pod_id}"
        answer, trouble = self._patiently(documents.terminate_pod(pod_id))
        if trouble is not None and trouble.kind is not Kind.NOT_FOUND:
            raise error_of(what, trouble)
        # It answers null: only its name in the data tells it from an answer to something else.
        if trouble is None and not from_graphql.answers(answer, "podTerminate"):
            raise unreadable(f"its answer to the end of the pod {pod_id}")

    def stop(self, pod_id: str) -> None:
        """Ask for the pod to be stopped."""
        answer = self._well(f"stop the pod {pod_id}", documents.stop_pod(pod_id))
        if from_graphql.rental_in(answer, "podStop") is None:
            raise unreadable(f"its answer to the stop of the pod {pod_id}")

    def start(self, pod_id: str) -> Rental:
        """Start a stopped pod; sent once."""
        document = documents.resume_pod(pod_id)
        answer, trouble = self.calls.once(lambda: sdk.ask(self.access, document, self._hidden))
        found = from_graphql.rental_in(answer, document.operation)
        if trouble is not None:
            raise error_of(f"start the pod {pod_id}", trouble)
        if found is None:
            raise unreadable(f"its answer to the start of the pod {pod_id}")
        return found

    def offers(self, *, cuda_floor: str | None = None, data_center: str | None = None) -> tuple[Offer, ...]:
        """Return every GPU type with price and stock."""
        answer, trouble = self._patiently(documents.gpu_types(cuda_floor, data_center))
        if trouble is not None and trouble.kind is Kind.REFUSED and cuda_floor:
            # This filter of GraphQL's is in no public description: without it the stock reads a little better than it is.
            answer, trouble = self._patiently(documents.gpu_types(None, data_center))
        if trouble is not None:
            raise error_of("list its GPUs", trouble)
        found = from_graphql.offers_of(answer, data_center)
        if found is None:
            raise unreadable("its list of GPUs")
        return found

    def account(self) -> Account:
        """Return what RunPod says of the account."""
        answer = self._well("show the account", documents.account())
        self._require_account("show the account", answer)
        return from_graphql.account_of(answer)

    @property
    def _hidden(self) -> Hidden:
        return Hidden([self.access.key.reveal()])

    def _patiently(self, document: Document) -> tuple[Answer, Trouble | None]:
        return self.calls.patiently(lambda: sdk.ask(self.access, document, self._hidden))

    def _well(self, what: str, document: Document) -> Answer:
        return self.calls.well(what, lambda: sdk.ask(self.access, document, self._hidden))

    def _require_account(self, what: str, answer: Answer) -> None:
        """Raise RightsError when the key cannot see the account: its "none" would prove nothing."""
        if not from_graphql.sees_account(answer):
            if not from_graphql.answers(answer, "myself"):
                raise unreadable("its answer")
            raise error_of(what, Trouble(Kind.RIGHTS, "it shows this key no account"))
