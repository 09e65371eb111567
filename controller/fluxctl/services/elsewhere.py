"""Finds and ends pods of this user that plain `down` leaves alone: another computer rented them, or they are kept stopped."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.pods.ownership import Ownership
from fluxctl.pods.rental import RentalState
from fluxctl.providers.base import Report, unheard
from fluxctl.services.pod_list import PodLine, rented_lines
from fluxctl.services.shut_down import confirming
from fluxctl.settings.load import Settings


def pods_elsewhere(environment: Environment, settings: Settings) -> tuple[PodLine, ...]:
    """Return the pods that only `down --all` ends; none where there is no key; raise NotConfirmedError when the list fails."""
    if settings.secrets.runpod_api_key is None:
        return ()
    with confirming(environment):
        lines = rented_lines(environment, settings)
    return tuple(line for line in lines if line.id is not None and (is_elsewhere(line) or _is_kept(line)))


def is_elsewhere(line: PodLine) -> bool:
    """Return whether another computer rented a pod, or a ledger that is lost."""
    return line.whose == Ownership.OTHER or line.adopted


def _is_kept(line: PodLine) -> bool:
    return line.whose == Ownership.MINE and line.state == RentalState.STOPPED


@dataclass
class EndedElsewhere:
    """What became of them."""

    ended: list[str] = field(default_factory=list[str])
    failures: list[FluxctlError] = field(default_factory=list[FluxctlError])


def end_elsewhere(environment: Environment, settings: Settings, lines: Sequence[PodLine], report: Report = unheard) -> EndedElsewhere:
    """Given pods that the person has agreed to end, end them all; one that cannot be ended does not stop the others."""
    result = EndedElsewhere()
    if not lines:
        return result
    from fluxctl.providers.runpod.provider import RunpodProvider

    provider = RunpodProvider(environment, settings)
    for line in lines:
        try:
            with confirming(environment):
                provider.end_rental(line.id or "", report)
            result.ended.append(line.id or "")
        except FluxctlError as error:
            result.failures.append(error)
    return result
