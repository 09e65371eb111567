"""The ledger's part about rented pods: intents, pods, and what they cost."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fluxctl.ledger.rented import CostBasis, Intent, IntentState, RentedPod

INTENT_COLUMNS = "name, provider, account_id, state, created_at, gpu_type, price_per_hour_usd, volume_id, pod_id, settled_at"
POD_COLUMNS = (
    "id, name, provider, account_id, state, gpu_type, price_per_hour_usd, volume_id, created_at, started_at, lifetime_seconds,"
    " ended_at, earlier_cost_usd, cost_usd, cost_basis, adopted"
)
_COST_SINCE_START = "price_per_hour_usd * max(0, coalesce(ended_at, ?) - started_at) / 3600.0"
Rows = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Rentals:
    """Rented pods of this ledger; each statement is one transaction, and a crash between two of them loses nothing."""

    rows: Rows
    """Runs one statement."""

    def begin(self, intent: Intent) -> None:
        """Note an intent; a name that is known already raises LedgerError."""
        self.rows(f"INSERT INTO intents ({INTENT_COLUMNS}) VALUES ({_places(INTENT_COLUMNS)})", intent.row())  # noqa: S608 - constants

    def settle(self, name: str, state: IntentState, now: float, pod_id: str | None = None) -> None:
        """Note what came of an intent."""
        self.rows(
            "UPDATE intents SET state = ?, settled_at = ?, pod_id = coalesce(?, pod_id) WHERE name = ?", (str(state), now, pod_id, name)
        )

    def adopt(self, pod: RentedPod, now: float) -> None:
        """Note a pod, then what came of its intent; a pod that is known already stays as it is noted."""
        self.rows(f"INSERT INTO pods ({POD_COLUMNS}) VALUES ({_places(POD_COLUMNS)}) ON CONFLICT (id) DO NOTHING", pod.row())  # noqa: S608
        self.settle(pod.name, IntentState.ADOPTED, now, pod.id)

    def intents(self) -> list[Intent]:
        """Return the intents that something may still come of, oldest first."""
        return self._intents("WHERE state IN ('open', 'absent') ORDER BY created_at, rowid", ())

    def intent(self, name: str) -> Intent | None:
        """Return the intent of a name, None if there is none."""
        return next(iter(self._intents("WHERE name = ?", (name,))), None)

    def names(self) -> frozenset[str]:
        """Return every name that a pod of this ledger was to have."""
        return frozenset(row[0] for row in self.rows("SELECT name FROM intents UNION SELECT name FROM pods", ()))

    def open_pods(self) -> list[RentedPod]:
        """Return the pods that are not known to be gone, newest first."""
        return self._pods("WHERE state != 'gone' ORDER BY created_at DESC, rowid DESC", ())

    def pod(self, pod_id: str) -> RentedPod | None:
        """Return a pod, None if it is not known."""
        return next(iter(self._pods("WHERE id = ?", (pod_id,))), None)

    def pods(self, since: float = 0.0) -> list[RentedPod]:
        """Return every pod that was rented since then, newest first."""
        return self._pods("WHERE created_at >= ? ORDER BY created_at DESC, rowid DESC", (since,))

    def ids(self) -> frozenset[str]:
        """Return the id of every pod that is or was noted."""
        return frozenset(row[0] for row in self.rows("SELECT id FROM pods", ()))

    def ending(self, pod_id: str, now: float) -> None:
        """Note that a pod's end was asked for; the first time counts."""
        self.rows(
            "UPDATE pods SET state = 'ending', ended_at = coalesce(ended_at, ?) WHERE id = ? AND state != 'gone'",
            (now, pod_id),
        )

    def stopped(self, pod_id: str, now: float) -> None:
        """Note that a pod is stopped; from then on its machine costs nothing."""
        statement = "UPDATE pods SET state = 'stopped', ended_at = coalesce(ended_at, ?) WHERE id = ? AND state IN ('live', 'ending')"
        self.rows(statement, (now, pod_id))

    def resumed(self, pod_id: str, now: float) -> None:
        """Note that a stopped pod was started again, and keep what it had cost until then."""
        statement = f"""UPDATE pods SET state = 'live', earlier_cost_usd = earlier_cost_usd + coalesce({_COST_SINCE_START}, 0),
            started_at = ?, ended_at = NULL WHERE id = ? AND state != 'gone'"""  # noqa: S608 - constants
        self.rows(statement, (now, now, pod_id))

    def gone(self, pod_id: str, now: float) -> None:
        """Note that the market itself says that a pod is gone, and what it has cost by its price."""
        statement = f"""UPDATE pods SET state = 'gone', cost_usd = coalesce(cost_usd, earlier_cost_usd + {_COST_SINCE_START}),
            ended_at = coalesce(ended_at, ?) WHERE id = ? AND state != 'gone'"""  # noqa: S608 - constants
        self.rows(statement, (now, now, pod_id))

    def cost(self, pod_id: str, cost_usd: float, basis: CostBasis) -> None:
        """Note what a pod has cost."""
        self.rows("UPDATE pods SET cost_usd = ?, cost_basis = ? WHERE id = ?", (cost_usd, basis, pod_id))

    def _intents(self, rest: str, values: tuple[Any, ...]) -> list[Intent]:
        return [Intent.from_row(row) for row in self.rows(f"SELECT {INTENT_COLUMNS} FROM intents {rest}", values)]  # noqa: S608 - constants

    def _pods(self, rest: str, values: tuple[Any, ...]) -> list[RentedPod]:
        return [RentedPod.from_row(row) for row in self.rows(f"SELECT {POD_COLUMNS} FROM pods {rest}", values)]  # noqa: S608 - constants


def _places(columns: str) -> str:
    return ", ".join("?" for _ in columns.split(","))
