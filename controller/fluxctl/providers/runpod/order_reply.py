"""Decides what the reply to an order proves: a pod, nothing made, or neither."""

from dataclasses import replace

from fluxctl.pods.rental import Rental
from fluxctl.providers.runpod.api import CreateOrder
from fluxctl.providers.runpod.classify import Kind, Trouble
from fluxctl.providers.runpod.errors import UnknownOutcomeError
from fluxctl.providers.runpod.hidden import Hidden
from fluxctl.providers.runpod.refusal import error_of

_HINT = "fluxctl ps, or fluxctl sweep"


def pod_of_order(order: CreateOrder, rental: Rental | None, trouble: Trouble | None) -> Rental:
    """Given an order, the pod that the reply names and what is wrong with the reply, return the pod.

    A pod that is named was made, whatever else went wrong. Raise UnknownOutcomeError when one may have been made without being named.
    """
    if rental is not None:
        said = rental.environment or order.environment
        return replace(rental, name=rental.name or order.name, image=rental.image or order.image, environment=said)
    if trouble is None:
        why = f"RunPod took the order for a pod with {order.gpu_type} and named no pod; it may be {order.name}"
        raise UnknownOutcomeError(why, hint=_HINT, without_a_pod=True)
    if trouble.proves_nothing_made:
        # What was not found is something that the order names: there is no pod yet.
        refused = replace(trouble, kind=Kind.REFUSED) if trouble.kind is Kind.NOT_FOUND else trouble
        raise error_of(f"rent a pod with {order.gpu_type}", refused)
    status = f", {trouble.status}" if trouble.status else ""
    what = "a page of something in between" if trouble.kind is Kind.PROXY else trouble.words or "no answer"
    raise UnknownOutcomeError(f"it is not known whether RunPod made the pod {order.name} ({what}{status})", hint=_HINT)


def hidden_of(order: CreateOrder, key: str) -> Hidden:
    """Return what no text about an order may show."""
    return Hidden([key, *order.environment.values()])
