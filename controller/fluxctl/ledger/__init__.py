"""The ledger: what was started and what became of it, in one SQLite file of this user."""

from fluxctl.ledger.entries import JobEntry, PictureEntry, PromptRun
from fluxctl.ledger.ledger import Ledger
from fluxctl.ledger.rentals import Rentals
from fluxctl.ledger.rented import CostBasis, Intent, IntentState, PodState, RentedPod
from fluxctl.ledger.storage import LedgerError

__all__ = [
    "CostBasis",
    "Intent",
    "IntentState",
    "JobEntry",
    "Ledger",
    "LedgerError",
    "PictureEntry",
    "PodState",
    "PromptRun",
    "Rentals",
    "RentedPod",
]
