"""This computer's RunPod speaks REST v2 as the platform does: closed bodies, problem+json, status codes, streams."""

from email.utils import parsedate_to_datetime

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.talk import GPU, Talk, creation


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (creation(bogus=1), "$: additional properties 'bogus' not allowed"),
        (creation(terminateAfter="2026-01-01T00:00:00Z"), "$: additional properties 'terminateAfter' not allowed"),
        (creation(gpu={"id": GPU, "count": 1, "minRam": 8}), "$.gpu: additional properties 'minRam' not allowed"),
        (creation(mounts={"network": [{"volumeId": "x"}]}), "path"),
        (creation(disk="40"), "$.disk"),
        (creation(env={"A": 1}), "$.env.A"),
        (creation(cloud="ALL"), "$.cloud"),
        (creation(image=None), "image"),
        ([], "$"),
    ],
)
def test_a_body_that_does_not_fit_is_422_and_names_the_place(talk: Talk, body: object, said: str) -> None:
    answer = talk.rest("POST", "/pods", body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert any(said in error for error in answer.json()["errors"])
    assert not talk.server.pods


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (creation(gpu={"id": "NVIDIA GTX 9999", "count": 1}), 400, "no longer any instances"),
        (creation(gpu={"id": GPU}), 400, "no longer any instances"),
        (creation(gpu={"id": GPU, "count": 1, "minCudaVersion": "12.8", "allowedCudaVersions": ["12.8"]}), 400, "mutually exclusive"),
        (creation(gpu=None), 400, "exactly one of gpu or cpu"),
        (creation(mounts={"network": [{"volumeId": "nothere", "path": "/workspace"}]}), 404, "network volume not found"),
    ],
)
def test_what_fits_and_cannot_be_rented_is_told_by_status_and_detail(talk: Talk, body: object, status: int, words: str) -> None:
    answer = talk.rest("POST", "/pods", body)
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert words in answer.json()["detail"]


def test_a_low_balance_is_402(talk: Talk) -> None:
    talk.server.balance(0.1)
    assert talk.rest("POST", "/pods", creation()).status_code == 402


def test_a_pod_comes_up_with_a_status_that_runs_ahead_of_its_address(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.create()
    seen = [(pod["status"], pod["ssh"]["direct"])]
    for seconds in (2.0, 19.5, 2.0):
        clock.sleep(seconds)
        pod = talk.rest("GET", f"/pods/{pod['id']}").json()
        seen.append((pod["status"], pod["ssh"]["direct"]))
    assert [status for status, _ in seen] == ["PROVISIONING", "STARTING", "RUNNING", "RUNNING"]
    assert [bool(direct) for _, direct in seen] == [False, False, False, True]
    assert seen[-1][1]["host"] == "127.0.0.1"


def test_only_what_actions_names_can_be_done(talk: Talk) -> None:
    pod = talk.create()
    action = f"/pods/{pod['id']}/action"
    assert pod["actions"] == ["stop", "terminate"]
    assert talk.rest("POST", action, {"action": "start"}).status_code == 409
    stopped = talk.rest("POST", action, {"action": "stop"})
    assert (stopped.status_code, stopped.json()["status"], stopped.json()["cost"]) == (200, "EXITED", 0.0)
    assert talk.rest("POST", action, {"action": "restart"}).status_code == 409
    assert talk.rest("POST", action, {"action": "nonsense"}).status_code == 422
    assert talk.rest("POST", action, {"action": "start"}).json()["status"] == "PROVISIONING"
    ended = talk.rest("POST", action, {"action": "terminate"})
    assert (ended.status_code, ended.content) == (204, b"")
    assert talk.rest("POST", action, {"action": "terminate"}).status_code == 404


def test_deleting_has_no_body_and_a_second_time_is_404(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.create()
    first, second = (talk.rest("DELETE", f"/pods/{pod['id']}") for _ in range(2))
    assert (first.status_code, first.content) == (204, b"")
    assert (second.status_code, second.json()["detail"]) == (404, "pod not found")
    (shown,) = talk.rest("GET", "/pods").json()["pods"]
    assert (shown["status"], shown["actions"], shown["cost"]) == ("TERMINATED", [], 0.0)
    clock.sleep(2)
    assert talk.rest("GET", "/pods").json() == {"pods": []}


def test_both_apis_see_the_same_pod(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.create(env={"A": "b=c"})
    clock.sleep(30)
    graphql, rest = talk.pod(pod["id"]), talk.rest("GET", f"/pods/{pod['id']}").json()
    assert graphql["env"] == ["A=b=c"]
    assert rest["env"] == {"A": "b=c"}
    assert rest["ssh"]["direct"]["port"] in [port["publicPort"] for port in graphql["runtime"]["ports"]]


def test_keys_and_rights_have_their_own_status(talk: Talk) -> None:
    talk.server.next_life(gone_shows_after_seconds=0)
    pod = talk.create()
    for key, method, path, status in (
        ("", "GET", "/pods", 401),
        ("rpa_of_nobody", "GET", "/pods", 401),
        (talk.server.add_key("restricted"), "GET", "/pods", 403),
        (talk.server.add_key("read"), "GET", f"/pods/{pod['id']}", 200),
        (talk.server.add_key("read"), "DELETE", f"/pods/{pod['id']}", 403),
        (talk.server.add_key(account=talk.server.add_account("other")), "DELETE", f"/pods/{pod['id']}", 404),
        (talk.server.pods[pod["id"]].key, "GET", "/pods", 403),
        (talk.server.pods[pod["id"]].key, "GET", f"/pods/{pod['id']}", 200),
        (talk.server.pods[pod["id"]].key, "DELETE", f"/pods/{pod['id']}", 204),
        (talk.server.pods[pod["id"]].key, "GET", f"/pods/{pod['id']}", 404),
    ):
        with Talk(talk.server, key) as somebody:
            assert somebody.rest(method, path).status_code == status, (method, path)


def test_volumes_are_made_where_there_is_storage(talk: Talk) -> None:
    made = talk.rest("POST", "/network-volumes", {"name": "models", "size": 80, "dataCenter": "EU-RO-1"})
    assert made.status_code == 201
    assert talk.rest("GET", "/network-volumes").json() == {"networkVolumes": [made.json()]}
    assert talk.rest("GET", f"/network-volumes/{made.json()['id']}").json()["size"] == 80
    assert talk.rest("POST", "/network-volumes", {"name": "m", "size": 80, "dataCenter": "US-TX-3"}).status_code == 400
    assert talk.rest("POST", "/network-volumes", {"name": "m", "size": 5, "dataCenter": "EU-RO-1"}).status_code == 422
    assert talk.rest("DELETE", f"/network-volumes/{made.json()['id']}").status_code == 204
    assert talk.rest("DELETE", f"/network-volumes/{made.json()['id']}").status_code == 404


def test_the_catalogue_tells_stock_only_to_who_says_for_what(talk: Talk) -> None:
    talk.server.stock(GPU, "Low", data_center="EU-RO-1")
    assert talk.rest("GET", "/catalog/gpus?include=AVAILABILITY").status_code == 400
    assert talk.rest("GET", "/catalog/gpus?count=1").status_code == 400
    plain = next(gpu for gpu in talk.rest("GET", "/catalog/gpus").json()["gpus"] if gpu["id"] == GPU)
    assert "availability" not in plain
    assert plain["price"] == {"secure": 0.86, "community": 0.79}
    path = "/catalog/gpus?include=AVAILABILITY&product=POD&count=1&cloud=SECURE"
    full = next(gpu for gpu in talk.rest("GET", path).json()["gpus"] if gpu["id"] == GPU)
    assert full["availability"] == "HIGH"
    assert {place["id"]: place["availability"] for place in full["dataCenters"]} == {"EU-RO-1": "LOW", "US-KS-2": "HIGH", "US-TX-3": "HIGH"}
    too_new = next(gpu for gpu in talk.rest("GET", f"{path}&minCudaVersion=13.0").json()["gpus"] if gpu["id"] == GPU)
    assert too_new["availability"] == "NONE"


def test_data_centres_tell_what_is_left_in_each(talk: Talk) -> None:
    talk.server.stock(GPU, "None", data_center="EU-RO-1")
    places = {place["id"]: place for place in talk.rest("GET", "/catalog/datacenters?include=GPU_AVAILABILITY").json()["dataCenters"]}
    stock = {place: {gpu["id"]: gpu["availability"] for gpu in said["gpuAvailability"]}.get(GPU) for place, said in places.items()}
    assert stock == {"EU-RO-1": "NONE", "EU-SE-1": None, "US-KS-2": "HIGH", "US-TX-3": "HIGH"}
    assert [place for place, said in places.items() if not said["networkVolumeTypes"]] == ["US-TX-3"]


def test_the_system_log_shows_the_pull_as_it_goes(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.create()
    clock.sleep(11)
    with talk.log(pod["id"], "source=system&tail=3") as events:
        first = [next(events) for _ in range(3)]
        assert all("Downloading" in event["line"] for event in first)
        clock.sleep(12)
        later = [next(events)["line"] for _ in range(8)]
    assert any(line.startswith("Status: Downloaded") for line in later)
    assert {event["source"] for event in first} == {"system"}


def test_a_log_goes_on_behind_the_last_event_that_was_seen(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.create()
    clock.sleep(30)
    with talk.log(pod["id"], "tail=5000") as events:
        seen = [next(events) for _ in range(4)]
    with talk.log(pod["id"], "tail=0", **{"Last-Event-ID": seen[1]["id"]}) as events:
        assert [next(events), next(events)] == seen[2:]


def test_a_log_ends_with_its_pod(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.create()
    clock.sleep(30)
    with talk.log(pod["id"], "tail=1") as events:
        next(events)
        talk.rest("DELETE", f"/pods/{pod['id']}")
        assert [event["line"] for event in events] == ["stop container", "remove container"]


@pytest.mark.parametrize("query", ["source=nonsense", "tail=5001", "tail=-1"])
def test_a_log_cannot_be_asked_for_nonsense(talk: Talk, query: str) -> None:
    pod = talk.create()
    assert talk.rest("GET", f"/pods/{pod['id']}/logs?{query}").status_code == 422


def test_the_date_is_the_platforms(talk: Talk, clock: VirtualClock) -> None:
    clock.error_seconds = -500
    talk.server.date_error_seconds = 7
    date = parsedate_to_datetime(talk.rest("GET", "/pods").headers["Date"]).timestamp()
    assert date == pytest.approx(clock.true_now() + 7, abs=1)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/pods", 405), ("GET", "/pods/x/action", 405)])
def test_other_routes_do_not_exist(talk: Talk, method: str, path: str, status: int) -> None:
    assert talk.rest(method, path).status_code == status


def test_the_first_rest_api_is_retired(talk: Talk) -> None:
    assert talk.http.get("/v1/pods").status_code == 410
