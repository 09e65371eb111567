"""The account book of this computer's RunPod: who ran for how long at whose cost, and the billing that answers from it."""

import pytest
from tests.cloud.book import HOURS_A_MONTH
from tests.cloud.clock import VirtualClock
from tests.cloud.talk import GPU, START, STOP, TERMINATE, Talk

HOUR = 3600.0


def total(talk: Talk, query: str = "") -> float:
    """Return what the billing says of all pods."""
    return talk.rest("GET", f"/billing/pods?{query}").json()["metadata"]["totals"]["totalAmount"]


def test_a_pod_is_paid_for_from_its_rent_to_its_end(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.deploy(containerDiskInGb=0)
    clock.sleep(1800)
    talk.data(TERMINATE, id=pod["id"])
    clock.sleep(HOUR)
    entry = talk.server.book[pod["id"]]
    assert entry.seconds(clock.true_now()) == 1800
    assert entry.cost_usd(clock.true_now()) == pytest.approx(0.43)
    assert (entry.name, entry.gpu_type, entry.runs) == ("a-pod", GPU, False)
    assert entry.end.startswith("Terminated by user: ")
    assert talk.server.book.lines(clock.true_now())[-1] == "1 pod, 0 running, $0.43 in all"


def test_disks_cost_too_and_twice_as_much_while_the_pod_is_stopped(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.deploy(containerDiskInGb=73, volumeInGb=73, volumeMountPath="/workspace")
    clock.sleep(10 * HOUR)
    running = 10 * (0.86 + 2 * 73 * 0.10 / HOURS_A_MONTH)
    assert talk.server.book[pod["id"]].cost_usd(clock.true_now()) == pytest.approx(running)
    talk.data(STOP, id=pod["id"])
    clock.sleep(10 * HOUR)
    stopped = 10 * 73 * 0.20 / HOURS_A_MONTH
    assert talk.server.book[pod["id"]].cost_usd(clock.true_now()) == pytest.approx(running + stopped)
    assert [entry.pod_id for entry in talk.server.book.left] == [pod["id"]]
    assert not talk.server.book.running
    talk.data(START, id=pod["id"])
    clock.sleep(HOUR)
    assert talk.server.book[pod["id"]].seconds(clock.true_now()) == 11 * HOUR


def test_a_price_that_changes_is_paid_by_the_next_pod(talk: Talk, clock: VirtualClock) -> None:
    first = talk.deploy(containerDiskInGb=0)
    talk.server.price(GPU, secure=2.0)
    second = talk.deploy(containerDiskInGb=0)
    clock.sleep(HOUR)
    costs = [talk.server.book[pod["id"]].cost_usd(clock.true_now()) for pod in (first, second)]
    assert costs == pytest.approx([0.86, 2.0])


@pytest.mark.parametrize("size", ["hour", "day", "week", "month", "year"])
def test_the_billing_in_any_buckets_has_every_cent_of_the_book(talk: Talk, clock: VirtualClock, size: str) -> None:
    talk.server.balance(1000)
    for hours in (0.7, 30, 200):
        pod = talk.deploy()
        clock.sleep(hours * HOUR)
        talk.data(TERMINATE, id=pod["id"])
    book = sum(entry.cost_usd(clock.true_now()) for entry in talk.server.book)
    said = talk.rest("GET", f"/billing/pods?bucketSize={size}").json()
    assert said["metadata"]["totals"]["totalAmount"] == pytest.approx(book, abs=1e-6)
    assert sum(record["gpuAmount"] + record["diskAmount"] for record in said["records"]) == pytest.approx(book, abs=1e-6)
    assert said["metadata"]["uniquePodCount"] == 3
    starts = sorted({record["startTime"] for record in said["records"]})
    assert len(starts) == {"hour": 231, "day": 11, "week": 2, "month": 2, "year": 1}[size]


def test_the_billing_of_one_pod_is_its_own(talk: Talk, clock: VirtualClock) -> None:
    first, _second = talk.deploy(containerDiskInGb=0), talk.deploy(containerDiskInGb=0)
    clock.sleep(HOUR)
    said = talk.rest("GET", f"/billing/pods?bucketSize=hour&podId={first['id']}").json()
    assert {record["podId"] for record in said["records"]} == {first["id"]}
    assert said["metadata"]["totals"]["totalAmount"] == pytest.approx(0.86)
    assert talk.rest("GET", "/billing?bucketSize=day").json()["metadata"]["totals"]["podGpuAmount"] == pytest.approx(1.72)


def test_the_billing_of_the_last_buckets_leaves_out_what_was_before(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.deploy(containerDiskInGb=0)
    clock.sleep(HOUR)
    talk.data(TERMINATE, id=pod["id"])
    clock.sleep(24 * HOUR)
    assert total(talk, "lastN=1") == 0
    assert total(talk, "lastN=2") == pytest.approx(0.86)
    assert total(talk, "startTime=2026-09-22T00:00:00Z") == 0
    assert talk.rest("GET", "/billing/pods?lastN=1&startTime=2026-09-22T00:00:00Z").status_code == 400


def test_the_billing_may_lag_behind(talk: Talk, clock: VirtualClock) -> None:
    talk.server.market.billing_delay_seconds = HOUR
    pod = talk.deploy(containerDiskInGb=0)
    clock.sleep(HOUR)
    talk.data(TERMINATE, id=pod["id"])
    assert total(talk) == 0
    clock.sleep(HOUR)
    assert total(talk) == pytest.approx(0.86)


def test_another_account_is_billed_for_its_own(talk: Talk, clock: VirtualClock) -> None:
    other = talk.server.add_key(account=talk.server.add_account("user_other"))
    talk.deploy()
    with Talk(talk.server, other) as somebody:
        somebody.deploy(containerDiskInGb=0)
        clock.sleep(HOUR)
        assert total(somebody) == pytest.approx(0.86)
        assert len(somebody.rest("GET", "/billing/pods").json()["records"]) == 1
