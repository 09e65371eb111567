"""What a person can get wrong before anything is rented: each is refused with what to type next, and nothing is ordered."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.support.registry_server import Registry
from tests.support.renter import A40, L40S, Renter, plan

from fluxctl.errors import FluxctlError, NoCapacityError, SettingsError, UsageError
from fluxctl.ledger import IntentState, PodState
from fluxctl.pods.pod import PodPlan
from fluxctl.pods.settlement import OPEN_SECONDS
from fluxctl.pods.verdicts import OVERTIME_SECONDS
from fluxctl.providers.runpod.provider import RunpodProvider


def refused(renter: Renter, wanted: PodPlan, server: CloudServer, **variables: str) -> FluxctlError:
    """Return why both the quote and the order are refused."""
    with pytest.raises(FluxctlError) as quoted:
        renter.provider(**variables).quote(wanted)
    with pytest.raises(FluxctlError) as ordered:
        renter.provider(**variables).create(wanted, renter.hear)
    assert (type(ordered.value), ordered.value.code) == (type(quoted.value), quoted.value.code)
    assert not server.called("create")
    assert ordered.value.hint
    return ordered.value


def test_no_key(renter: Renter, server: CloudServer) -> None:
    assert isinstance(refused(renter, plan(), server, RUNPOD_API_KEY=""), SettingsError)


def test_a_wrong_key(both: Renter, server: CloudServer) -> None:
    error = refused(both, plan(), server, RUNPOD_API_KEY="rpa_wrong0000000000000000000000000000")
    assert error.code == "key_refused"
    assert "rpa_wrong" not in error.message + error.hint


def test_a_key_with_too_few_rights(both: Renter, server: CloudServer) -> None:
    with pytest.raises(FluxctlError) as raised:
        both.provider(RUNPOD_API_KEY=server.add_key("restricted")).create(plan(), both.hear)
    assert raised.value.code in ("rights", "key_refused")
    assert len(server.book) == 0


def test_a_key_that_may_only_look(both: Renter, server: CloudServer) -> None:
    with pytest.raises(FluxctlError) as raised:
        both.provider(RUNPOD_API_KEY=server.add_key("read")).create(plan(), both.hear)
    assert raised.value.code == "rights"
    assert both.open_intents == []
    assert len(server.book) == 0


def test_a_key_of_another_account_than_the_live_pods(both: Renter, server: CloudServer, clock: VirtualClock) -> None:
    pod = both.provider().create(plan(), both.hear).pod
    clock.sleep(120)
    other = server.add_key(account=server.add_account("other"))
    attempts: list[Callable[[RunpodProvider], object]] = [
        lambda provider: provider.find(),
        lambda provider: provider.create(plan(), both.hear),
        lambda provider: provider.end(pod),
        lambda provider: provider.end_everything(),
    ]
    for attempt in attempts:
        with pytest.raises(FluxctlError) as raised:
            attempt(both.provider(RUNPOD_API_KEY=other))
        assert raised.value.code == "other_account"
    assert [entry.state for entry in both.entries] == [PodState.LIVE]
    assert [one.id for one in server.running] == [pod.id]


def test_another_key_of_the_same_account_is_as_good(both: Renter, server: CloudServer) -> None:
    pod = both.provider().create(plan(), both.hear).pod
    second = server.add_key()
    both.provider(RUNPOD_API_KEY=second).end(pod, both.hear)
    assert server.book.left == []
    assert both.provider(RUNPOD_API_KEY=second).find() is None


def test_an_order_of_another_account_blocks_nobody_for_longer_than_a_day(renter: Renter, server: CloudServer, clock: VirtualClock) -> None:
    server.fault("create", "timeout")
    server.fault("list", "502", times=200, skip=2)
    with pytest.raises(FluxctlError, match="is not known"):
        renter.provider().create(plan(), renter.hear)
    server.faults.clear()
    other = {"RUNPOD_API_KEY": server.add_key(account=server.add_account("other"))}
    with pytest.raises(FluxctlError) as raised:
        renter.provider(**other).create(plan(), renter.hear)
    assert raised.value.code == "other_account"
    clock.sleep(OPEN_SECONDS)
    assert "never known" in renter.provider(**other).settle(renter.hear)[0]
    assert renter.open_intents == []


def test_an_order_that_came_to_nothing_blocks_no_other_account(renter: Renter, server: CloudServer) -> None:
    server.fault("create", "timeout")
    pod = renter.provider().create(plan(), renter.hear).pod
    renter.provider().end(pod, renter.hear)
    assert [intent.state for intent in renter.open_intents] == [IntentState.ABSENT]
    other = server.add_key(account=server.add_account("other"))
    assert renter.provider(RUNPOD_API_KEY=other).create(plan(), renter.hear).started
    assert [intent.state for intent in renter.open_intents] == [IntentState.ABSENT]


def test_an_end_of_another_account_blocks_nobody_once_its_pod_must_be_gone(
    renter: Renter, server: CloudServer, clock: VirtualClock
) -> None:
    server.next_life(ignored_ends=100_000)
    pod = renter.provider().create(plan(), renter.hear).pod
    with pytest.raises(FluxctlError, match="may still cost"):
        renter.provider().end(pod, renter.hear)
    other = {"RUNPOD_API_KEY": server.add_key(account=server.add_account("other"))}
    with pytest.raises(FluxctlError) as raised:
        renter.provider(**other).settle(renter.hear)
    assert raised.value.code == "other_account"
    clock.sleep(28_800 + OVERTIME_SECONDS)
    assert renter.provider(**other).settle(renter.hear) == ()
    assert [entry.state for entry in renter.entries] == [PodState.ENDING]


def test_a_balance_below_an_hour(renter: Renter, server: CloudServer) -> None:
    server.balance(0.10)
    error = refused(renter, plan(), server)
    assert error.code == "balance"
    assert "$0.10" in error.message
    assert "billing" in error.hint


def test_an_unknown_gpu_name_leads_to_the_nearest(renter: Renter, server: CloudServer) -> None:
    error = refused(renter, plan("RTX 4900"), server)
    assert isinstance(error, UsageError)
    assert "RTX 4090" in error.message


def test_a_volume_in_another_data_center_than_the_wanted_one(renter: Renter, server: CloudServer) -> None:
    volume = server.add_volume("v", 80, "EU-RO-1")
    error = refused(renter, plan(volume_id=volume.id, data_center="US-KS-2"), server)
    assert error.code == "volume_data_center"
    assert "EU-RO-1" in error.message


def test_a_volume_where_no_wanted_gpu_is_in_stock(renter: Renter, server: CloudServer) -> None:
    volume = server.add_volume("v", 80, "EU-RO-1")
    server.stock(L40S, "None", data_center="EU-RO-1")
    error = refused(renter, plan(L40S, volume_id=volume.id), server)
    assert isinstance(error, NoCapacityError)
    assert "EU-RO-1" in error.message


def test_a_volume_in_the_community_cloud(renter: Renter, server: CloudServer) -> None:
    volume = server.add_volume("v", 80, "EU-RO-1")
    assert refused(renter, plan(volume_id=volume.id, cloud="community"), server).code == "volume_cloud"


def test_a_volume_that_was_deleted(renter: Renter, server: CloudServer) -> None:
    error = refused(renter, plan(volume_id="deleted123"), server)
    assert error.code == "volume_gone"
    assert "deleted123" in error.message


def test_an_image_that_does_not_exist(renter: Renter, server: CloudServer, registry: Registry) -> None:
    error = refused(renter, plan(), server, FLUXCTL_POD__IMAGE=f"{registry.name}/somebody/fluxctl-pod:never")
    assert error.code == "image_missing"


def test_no_image_says_how_to_get_one(renter: Renter, server: CloudServer) -> None:
    error = refused(renter, plan(), server, FLUXCTL_POD__IMAGE="")
    assert error.code == "no_image"
    assert "make push" in error.hint
    assert "fluxctl init" in error.hint


def test_a_registry_that_cannot_be_asked_does_not_stop_anybody(renter: Renter, server: CloudServer) -> None:
    creation = renter.provider(FLUXCTL_POD__IMAGE="127.0.0.1:9/somebody/fluxctl-pod:1").create(plan(), renter.hear)
    assert [pod.id for pod in server.running] == [creation.pod.id]


def test_a_ceiling_below_every_offer(renter: Renter, server: CloudServer) -> None:
    error = refused(renter, plan(L40S, A40, maximum_price_per_hour_usd=0.01), server)
    assert isinstance(error, NoCapacityError)
    assert error.message.count("is over $0.01/h") == 2


def test_a_stop_that_would_keep_nothing(renter: Renter, server: CloudServer) -> None:
    assert refused(renter, plan(), server, FLUXCTL_POD__END="stop").code == "stop_without_disk"
    volume = server.add_volume("v", 80, "EU-RO-1")
    both = {"FLUXCTL_POD__END": "stop", "FLUXCTL_RUNPOD__VOLUME_DISK_GB": "60"}
    assert refused(renter, plan(volume_id=volume.id), server, **both).code == "stop_without_disk"


def test_no_ssh_key_says_how_to_make_one(renter: Renter, server: CloudServer) -> None:
    shutil.rmtree(renter.home / "config" / "ssh")
    assert "--make-key" in refused(renter, plan(), server).hint


def test_two_at_the_same_time_rent_one_pod(renter: Renter, server: CloudServer, tmp_path: Path) -> None:
    """The second comes while the first is between its intent and RunPod's answer: the lock lets it see the first one's pod."""
    second = replace(renter, said=[], opened=[])
    outcome: list[str] = []

    def meanwhile(_progress: object) -> None:
        if not outcome and renter.entries:
            outcome.append("")
            outcome[0] = second.provider().create(plan(), second.hear).pod.id

    first = renter.provider().create(plan(), meanwhile)
    assert outcome == [first.pod.id]
    assert len(server.book) == 1
    second.close()
