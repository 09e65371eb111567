"""The sweep: what lives and should not is ended, what is not ours is never touched, and nothing follows from a list that failed."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.support.renter import A40, L40S, Renter, plan

from fluxctl.errors import NotConfirmedError, ProviderError
from fluxctl.ledger import IntentState, PodState
from fluxctl.pods.finding import Finding
from fluxctl.pods.verdicts import OVERTIME_SECONDS, Action, Verdict
from fluxctl.providers.runpod.api import CreateOrder
from fluxctl.services.sweep import sweep_with


def swept(renter: Renter, *, apply: bool = True) -> dict[str | None, Finding]:
    return {finding.pod_id: finding for finding in sweep_with(renter.provider(), apply=apply).findings}


def foreign_order(environment: dict[str, str]) -> CreateOrder:
    return CreateOrder("fluxctl-0a1b2c3d-11112222", "ghcr.io/me/x:1", L40S, "secure", 60, environment)


def other_laptop(renter: Renter, tmp_path: Path) -> Renter:
    """Return the same person at another computer: same settings, same key, a ledger of its own."""
    other = replace(renter, home=tmp_path / "laptop", said=[], guarded=[], opened=[])
    other.home.mkdir()
    shutil.copytree(renter.home / "config", other.home / "config")
    return other


def test_a_wanted_pod_is_left_alone(renter: Renter, server: CloudServer) -> None:
    pod = renter.provider().create(plan(), renter.hear).pod
    found = swept(renter)
    assert (found[pod.id].verdict, found[pod.id].action) == (Verdict.WANTED, Action.NONE)
    assert [one.id for one in server.running] == [pod.id]


def test_foreign_pods_are_never_touched(renter: Renter, server: CloudServer) -> None:
    renter.provider().create(plan(), renter.hear)
    api = renter.provider().api
    ids = {api.create(foreign_order(tag)).id for tag in ({}, {"FLUXPOD_OWNER_ID": "f" * 32})}
    found = swept(renter)
    assert {found[one].verdict for one in ids} == {Verdict.FOREIGN}
    renter.provider().end_everything(renter.hear)
    assert {one.id for one in server.running} == ids
    with pytest.raises(ProviderError, match="no pod of yours"):
        renter.provider().end_rental(next(iter(ids)))
    assert {one.id for one in server.running} == ids


def test_looking_changes_nothing(renter: Renter, server: CloudServer, clock: VirtualClock) -> None:
    pod = renter.provider().create(plan(), renter.hear).pod
    clock.sleep(28800 + OVERTIME_SECONDS + 10)
    found = swept(renter, apply=False)
    assert (found[pod.id].verdict, found[pod.id].action, found[pod.id].done) == (Verdict.OVER_AGE, Action.END, False)
    assert [one.id for one in server.running] == [pod.id]


def test_a_pod_over_its_age_is_ended(renter: Renter, server: CloudServer, clock: VirtualClock) -> None:
    pod = renter.provider().create(plan(), renter.hear).pod
    clock.sleep(28800 + OVERTIME_SECONDS + 10)
    assert swept(renter)[pod.id].done
    assert server.book.left == []


def test_a_pod_of_another_laptop_is_adopted_used_and_not_ended(
    renter: Renter, server: CloudServer, clock: VirtualClock, tmp_path: Path
) -> None:
    pod = renter.provider().create(plan(), renter.hear).pod
    other = other_laptop(renter, tmp_path)
    found = other.provider().find()
    assert found is not None
    assert (found.id, found.adopted) == (pod.id, True)
    assert other.entries == []
    assert swept(other)[pod.id].verdict is Verdict.ELSEWHERE
    assert [(entry.id, entry.adopted) for entry in other.entries] == [(pod.id, True)]
    joined = other.provider().create(plan(), other.hear)
    assert (joined.pod.id, joined.started, joined.pod.adopted) == (pod.id, False, True)
    assert not other.provider().end_everything(other.hear)
    clock.sleep(28000)
    swept(other)
    assert [one.id for one in server.running] == [pod.id]
    clock.sleep(2000)
    assert swept(other)[pod.id].done
    assert server.book.left == []
    other.close()


def test_down_all_ends_a_pod_of_another_laptop(renter: Renter, server: CloudServer, tmp_path: Path) -> None:
    pod = renter.provider().create(plan(), renter.hear).pod
    other = other_laptop(renter, tmp_path)
    other.provider().end_rental(pod.id, other.hear)
    assert server.book.left == []
    assert [(entry.id, entry.state) for entry in other.entries] == [(pod.id, PodState.GONE)]
    # The first computer learns of it from RunPod.
    assert renter.provider().find() is None
    assert swept(renter)[pod.id].verdict is Verdict.GONE
    other.close()


@pytest.mark.parametrize("damage", ["deleted", "corrupt"])
def test_a_lost_ledger_loses_no_pod(renter: Renter, server: CloudServer, damage: str) -> None:
    pod = renter.provider().create(plan(), renter.hear).pod
    for file in renter.environment().paths.state.glob("ledger.db*"):
        if damage == "deleted":
            file.unlink()
        else:
            file.write_bytes(b"this is no database at all, and long enough to be seen as one" * 50)
    found = renter.provider().find()
    assert found is not None
    assert (found.id, found.adopted) == (pod.id, True)
    again = renter.provider().create(plan(), renter.hear)
    assert (again.pod.id, again.started) == (pod.id, False)
    assert len(server.book) == 1


def test_what_failed_is_never_none(renter: Renter, server: CloudServer) -> None:
    renter.provider().create(plan(), renter.hear)
    for what in ("500", "html", "unauthorized", "null", "timeout", "429"):
        server.fault(("list", "get"), what, times=None)
        for attempt in (lambda: renter.provider().find(), lambda: sweep_with(renter.provider(), apply=True)):
            with pytest.raises((ProviderError, NotConfirmedError)):
                attempt()
        server.faults.clear()
    assert [entry.state for entry in renter.entries] == [PodState.LIVE]
    assert len(server.running) == 1


def test_an_order_without_an_outcome_is_settled_by_the_sweep(renter: Renter, server: CloudServer) -> None:
    server.fault("create", "timeout_after_effect")
    server.fault("list", "500", times=None, skip=2)
    with pytest.raises(NotConfirmedError):
        renter.provider().create(plan(), renter.hear)
    assert [intent.state for intent in renter.open_intents] == [IntentState.OPEN]
    assert len(server.running) == 1
    server.faults.clear()
    found = swept(renter)
    assert renter.open_intents == []
    assert [finding.verdict for finding in found.values()] == [Verdict.WANTED]
    assert [entry.id for entry in renter.entries] == [pod.id for pod in server.running]


def test_after_the_bills_the_ledger_has_every_cent(renter: Renter, server: CloudServer, clock: VirtualClock) -> None:
    for _ in range(2):
        pod = renter.provider().create(plan(A40), renter.hear).pod
        clock.sleep(1234.5)
        renter.provider().end(pod, renter.hear)
    assert {entry.cost_basis for entry in renter.entries} == {"estimated"}
    clock.sleep(server.market.billing_delay_seconds + 2 * 3600)
    sweep_with(renter.provider(), apply=True)
    assert {entry.cost_basis for entry in renter.entries} == {"billed"}
    for entry in renter.entries:
        assert entry.cost_usd == pytest.approx(server.book[entry.id].cost_usd(clock.true_now()), abs=0.01)


def test_a_pod_that_ended_by_itself_costs_its_lifetime_at_most_and_what_the_bills_say(
    renter: Renter, server: CloudServer, clock: VirtualClock
) -> None:
    pod = renter.provider().create(plan(A40, lifetime_seconds=7200.0), renter.hear).pod
    clock.sleep(1800)
    renter.provider().api.terminate(pod.id)
    clock.sleep(5 * 3600)
    sweep_with(renter.provider(), apply=True)
    (entry,) = renter.entries
    price = server.pods[pod.id].price_per_hour_usd
    assert (entry.cost_usd, entry.cost_basis) == (pytest.approx(2 * price, rel=0.01), "estimated")
    clock.sleep(24 * 3600)
    sweep_with(renter.provider(), apply=True)
    (entry,) = renter.entries
    assert entry.cost_basis == "billed"
    assert entry.cost_usd == pytest.approx(server.book[pod.id].cost_usd(clock.true_now()), abs=0.01)
