"""Tells which pods of the ledger another account pays for: only its key can find and end them."""

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.ledger import Ledger
from fluxctl.ledger.storage import FILE_NAME
from fluxctl.providers.runpod.account_mark import same_account, same_key
from fluxctl.services.choice import RUNPOD


def pods_of_others(environment: Environment, key: str, account_id: str) -> tuple[str, ...]:
    """Given a key and the id of its account, return the pods that are not known to be gone and that another account rented.

    Where the account does not tell its id, or the ledger cannot be read, nothing is said.
    """
    if not account_id or not (environment.paths.state / FILE_NAME).exists():
        return ()
    try:
        with Ledger.open(environment) as ledger:
            pods = [pod for pod in ledger.rentals.open_pods() if pod.provider == RUNPOD]
    except FluxctlError:
        return ()
    return tuple(pod.id for pod in pods if not same_key(pod.account_id, key) and not same_account(pod.account_id, account_id))
