"""A pod is rented, found again, reached, and given back: over GraphQL and over REST."""

import stat

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.support.renter import A40, L40S, Renter, plan

from fluxctl.errors import NotConfirmedError, NotReadyError
from fluxctl.ledger import PodState
from fluxctl.pods.progress import Stage
from fluxctl.settings.owner import known_owner_id
from fluxpod.pod_contract import PodContract


def test_a_pod_is_rented_and_given_back(both: Renter, server: CloudServer) -> None:
    creation = both.provider().create(plan(), both.hear)
    assert creation.started
    assert creation.pod.rental is not None
    assert creation.pod.rental.ssh_port is not None
    assert [pod.id for pod in server.running] == [creation.pod.id]
    assert server.pods[creation.pod.id].order.gpu_types == (L40S,)
    found = both.provider().find()
    assert found is not None
    assert found.id == creation.pod.id
    assert (found.model, found.adopted) == ("FLUX.1-dev", False)
    both.provider().end(found, both.hear)
    assert server.book.left == []
    assert both.provider().find() is None
    assert [(entry.id, entry.state) for entry in both.entries] == [(creation.pod.id, PodState.GONE)]
    assert both.open_intents == []


def test_the_stages_are_told_with_seconds_and_money(both: Renter, server: CloudServer) -> None:
    server.next_life(port_seconds=10.0)
    both.provider().create(plan(), both.hear)
    stages = list(dict.fromkeys(progress.stage for progress in both.said))
    assert stages == [Stage.ORDERED, Stage.RENTED, Stage.PULLING, Stage.BOOTING]
    pulling = [progress for progress in both.said if progress.stage is Stage.PULLING]
    assert pulling[-1].seconds > pulling[0].seconds
    assert any("Downloading [" in progress.detail for progress in pulling)
    assert (pulling[-1].cost_usd or 0.0) > 0.0


def test_the_pod_is_handed_exactly_the_contract(both: Renter, server: CloudServer, clock: VirtualClock) -> None:
    clock.error_seconds = -7200.0
    pod = both.provider().create(plan(lifetime_seconds=3600.0), both.hear).pod
    handed = server.pods[pod.id].order.environment
    contract = PodContract.from_environment({**handed, "RUNPOD_POD_ID": pod.id})
    assert contract.pod_id == pod.id
    assert contract.owner_id == known_owner_id(both.environment())
    assert contract.end_action == "terminate"
    assert contract.limits.lifetime_seconds == 3600.0
    assert contract.public_key.startswith("ssh-ed25519 ")
    assert "OPENSSH PRIVATE KEY" in contract.host_key
    assert handed["HF_TOKEN"] == "hf_of_somebody"
    assert "RUNPOD_API_KEY" not in handed
    # This computer's clock is two hours slow; RunPod's own counts.
    assert abs(contract.created_at - server.pods[pod.id].created_at) < 30
    assert server.pods[pod.id].name.startswith(f"fluxctl-{contract.owner_id[:8]}-")


def test_the_hub_token_stays_at_runpod_where_it_keeps_one(both: Renter, server: CloudServer) -> None:
    server.account.secrets["hf_token"] = "hf_kept_there"
    pod = both.provider(FLUXCTL_RUNPOD__HF_TOKEN_SECRET="hf_token").create(plan(), both.hear).pod
    assert server.pods[pod.id].order.environment["HF_TOKEN"] == "{{ RUNPOD_SECRET_hf_token }}"


def test_volume_registry_floor_and_disk_go_with_the_order(both: Renter, server: CloudServer) -> None:
    volume = server.add_volume("v", 80, "EU-RO-1")
    server.account.registries["cred_1"] = "ghcr"
    pod = both.provider(FLUXCTL_POD__REGISTRY_AUTH_ID="cred_1").create(plan(volume_id=volume.id), both.hear).pod
    order = server.pods[pod.id].order
    assert (order.volume_id, order.mount_path, order.data_centers) == (volume.id, "/workspace", ("EU-RO-1",))
    assert (order.registry_id, order.cuda_floor, order.disk_gb) == ("cred_1", "12.4", 60)
    assert order.ports == ("22/tcp",)
    assert order.clouds == ("secure",) or order.clouds == ("SECURE",)


def test_finding_a_live_pod_asks_once(both: Renter, server: CloudServer) -> None:
    both.provider().create(plan(), both.hear)
    before = len(server.calls)
    assert both.provider().find() is not None
    assert len(server.calls) == before + 1


def test_a_second_up_finds_the_first_pod(both: Renter, server: CloudServer) -> None:
    first = both.provider().create(plan(), both.hear)
    second = both.provider().create(plan(), both.hear)
    assert (second.pod.id, second.started) == (first.pod.id, False)
    assert len(server.book) == 1


def test_keys_are_kept_for_this_user_alone_and_read_back_after_a_loss(both: Renter) -> None:
    pod = both.provider().create(plan(), both.hear).pod
    state = both.environment().paths.state
    folder = state / "pods" / pod.id
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("token", "host_key.pub"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    before = both.provider().remote(pod)
    for file in folder.iterdir():
        file.unlink()
    found = both.provider().find()
    assert found is not None
    after = both.provider().remote(found)
    assert (after.worker_token, after.host_key) == (before.worker_token, before.host_key)
    assert (folder / "token").exists()


def test_ip_and_port_are_asked_afresh_before_each_connection(both: Renter, server: CloudServer, clock: VirtualClock) -> None:
    provider = both.provider()
    pod = provider.create(plan(), both.hear).pod
    remote = provider.remote(pod)
    first = remote.address()
    before = len(server.called("get"))
    assert remote.address() == first
    assert len(server.called("get")) == before + 1


def test_the_worker_log_of_a_pod_that_ssh_does_not_reach_is_what_runpod_keeps(renter: Renter) -> None:
    provider = renter.provider()
    pod = provider.create(plan(), renter.hear).pod
    tail = provider.worker_log(pod, 10)
    assert tail.lines
    assert "RunPod keeps" in tail.path


def test_down_waits_until_runpod_confirms(both: Renter, server: CloudServer) -> None:
    server.next_life(gone_shows_after_seconds=20.0)
    pod = both.provider().create(plan(), both.hear).pod
    both.provider().end(pod, both.hear)
    assert server.book.left == []
    assert [entry.state for entry in both.entries] == [PodState.GONE]


def test_an_end_that_is_accepted_and_does_nothing_is_asked_for_again(both: Renter, server: CloudServer) -> None:
    server.next_life(ignored_ends=2)
    pod = both.provider().create(plan(), both.hear).pod
    both.provider().end(pod, both.hear)
    assert server.book.left == []


def test_an_end_that_cannot_be_confirmed_is_exit_8_with_the_console(both: Renter, server: CloudServer) -> None:
    server.next_life(ignored_ends=1000)
    pod = both.provider().create(plan(), both.hear).pod
    with pytest.raises(NotConfirmedError) as raised:
        both.provider().end(pod, both.hear)
    assert raised.value.exit_code == 8
    assert "https://console.runpod.io" in raised.value.hint
    assert [entry.state for entry in both.entries] == [PodState.ENDING]
    server.pods[pod.id].life.ignored_ends = 0
    notes = both.provider().settle(both.hear)
    assert pod.id in notes[0]
    assert server.book.left == []


def test_an_end_while_runpod_cannot_be_reached_is_not_confirmed(renter: Renter, server: CloudServer) -> None:
    pod = renter.provider().create(plan(), renter.hear).pod
    with server.unreachable(), pytest.raises(NotConfirmedError):
        renter.provider().end(pod, renter.hear)
    assert [entry.state for entry in renter.entries] == [PodState.ENDING]


def test_nothing_is_closed_before_a_minute_has_passed(both: Renter, server: CloudServer, clock: VirtualClock) -> None:
    server.next_life(pull_seconds=0.0, schedule_seconds=0.0, port_seconds=0.0)
    pod = both.provider().create(plan(), both.hear).pod
    both.provider().end(pod, both.hear)
    assert clock.true_now() - server.pods[pod.id].created_at >= 60
    assert any("only just rented" in progress.detail for progress in both.said if progress.stage is Stage.ENDING)


def test_what_a_pod_cost_is_in_the_ledger(both: Renter, server: CloudServer, clock: VirtualClock) -> None:
    pod = both.provider().create(plan(A40), both.hear).pod
    clock.sleep(3600)
    both.provider().end(pod, both.hear)
    (entry,) = both.entries
    hours = server.book[pod.id].seconds(clock.true_now()) / 3600
    assert entry.cost_usd == pytest.approx(hours * server.pods[pod.id].price_per_hour_usd, rel=0.02)


def test_no_secret_is_in_the_ledger(both: Renter, server: CloudServer) -> None:
    pod = both.provider().create(plan(), both.hear).pod
    handed = server.pods[pod.id].order.environment
    secrets = [server.key, handed["HF_TOKEN"], handed["FLUXPOD_WORKER_TOKEN"], handed["FLUXPOD_HOST_KEY"].splitlines()[1]]
    for file in both.environment().paths.state.rglob("*"):
        if file.is_file() and file.name != "token":
            content = file.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in content], file
    assert not [secret for secret in secrets if secret in repr(pod)]


def test_a_quote_rents_nothing(both: Renter, server: CloudServer) -> None:
    volume = server.add_volume("v", 80, "EU-RO-1")
    quote = both.provider().quote(plan(L40S, "NVIDIA H9000", A40, volume_id=volume.id, lifetime_seconds=7200.0))
    assert len(server.book) == 0
    assert [offer.gpu_type for offer in quote.offers] == [L40S]
    assert [passed.gpu_type for passed in quote.passed_over] == ["NVIDIA H9000", A40]
    assert quote.price_per_hour_usd == max(offer.price_per_hour_usd or 0 for offer in quote.offers)
    assert quote.worst_case_usd == pytest.approx(2 * quote.price_per_hour_usd)
    assert quote.storage_usd_per_month == pytest.approx(5.60)
    assert quote.volume is not None
    assert quote.image == both.image


def test_a_guard_is_there_before_runpod_hears_of_the_order(renter: Renter, server: CloudServer) -> None:
    guarded: list[list[str]] = []
    server.fault("create", "500_after_effect", then=lambda: guarded.append(list(renter.guarded)))
    renter.provider().create(plan(), renter.hear)
    (entry,) = renter.entries
    assert guarded == [[entry.name]]


def test_a_pod_that_was_never_ready_gets_a_guard_again_and_one_that_was_does_not(both: Renter) -> None:
    pod = both.provider().create(plan(), both.hear).pod
    both.guarded.clear()
    later = both.provider()
    assert later.guard(pod)
    assert both.guarded == [entry.name for entry in both.entries]
    assert later.tenant.attendance(pod.id).anybody()
    later.note_ready(pod)
    assert not both.provider().guard(pod)
    assert len(both.guarded) == 1


def test_a_long_wait_stays_within_what_runpod_answers_a_minute(both: Renter, server: CloudServer) -> None:
    # 60 calls, of which the guard and a `status` in another shell make some.
    server.calls_a_minute = 45
    server.next_life(pull_seconds=130.0, port_seconds=30.0)
    pod = both.provider().create(plan(), both.hear).pod
    both.provider().end(pod, both.hear)
    assert server.book.left == []
    assert [call for call in server.calls if call.status == 429] == []


def test_a_pod_that_was_ready_is_not_ended_because_runpod_lost_sight_of_it(both: Renter, server: CloudServer, clock: VirtualClock) -> None:
    first = both.provider()
    pod = first.create(plan(), both.hear).pod
    first.note_ready(pod)
    clock.sleep(3600)
    server.pods[pod.id].life.runtime_hidden = True
    seen = 0

    def hear(_progress: object) -> None:
        nonlocal seen
        seen += 1
        server.pods[pod.id].life.runtime_hidden = seen < 20

    later = both.provider()
    found = later.find()
    assert found is not None
    arrived = later.arrive(found, hear)
    assert arrived is not None
    assert arrived.id == pod.id
    server.pods[pod.id].life.runtime_hidden = True
    lost = both.provider().find()
    assert lost is not None
    with pytest.raises(NotReadyError, match="left alone") as raised:
        both.provider().arrive(lost, both.hear)
    assert raised.value.code == "address_lost"
    assert [one.id for one in server.running] == [pod.id]
