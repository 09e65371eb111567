"""This computer's RunPod speaks GraphQL as the platform does: it takes what fits the schema, and words its refusals like it."""

import pytest
from tests.cloud.clock import VirtualClock
from tests.cloud.cloud_server import CloudServer
from tests.cloud.talk import DEPLOY, GPU, STOP, TERMINATE, Talk, deployment

LOWEST = """query($id: String, $input: GpuLowestPriceInput) {
    gpuTypes(input: {id: $id}) { lowestPrice(input: $input) { stockStatus uninterruptablePrice } }
}"""
NASTY = {
    "QUOTES": "say \"hello\" and 'bye'",
    "BACKSLASH": "C:\\temp\\n",
    "LINES": "one\ntwo\r\nthree\ttab",
    "BRACES": '{ podTerminate(input: {podId: "x"}) }',
    "EMOJI": "🦊 größer als ×",
    "EQUALS": "a=b=c",
    "INTROSPECTION": "{ __schema { types { name } } }",
    "EMPTY": "",
}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{ myself { podz { id } } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ pods { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ('mutation { podTerminate(input: {pod: "x"}) }', "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { podTerminate(input: {podId: 7}) }", "GRAPHQL_VALIDATION_FAILED"),
        ('mutation { podResume(input: {podId: "x", allowedCudaVersions: ["12.8"]}) { id } }', "GRAPHQL_VALIDATION_FAILED"),
        ('mutation { podFindAndDeployOnDemand(input: {cloudType: "SECURE"}) { id } }', "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { podFindAndDeployOnDemand(input: {gpuTypePriority: 1}) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ('mutation { podFindAndDeployOnDemand(input: {terminateAfter: "tomorrow"}) { id } }', "GRAPHQL_VALIDATION_FAILED"),
        ("{ myself { id }", "GRAPHQL_PARSE_FAILED"),
        ("{ __schema { types { name } } }", "INTROSPECTION_DISABLED"),
    ],
)
def test_a_document_that_does_not_fit_the_schema_is_refused(talk: Talk, document: str, code: str) -> None:
    answer = talk.post(document)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert not talk.server.pods


def test_a_value_of_the_wrong_type_in_a_variable_is_refused_too(talk: Talk) -> None:
    answer = talk.post(DEPLOY, input=deployment(gpuCount="1"))
    assert answer.status_code == 400
    assert not talk.server.pods


def test_every_value_of_the_environment_arrives_unchanged(talk: Talk) -> None:
    pod = talk.deploy(env=[{"key": name, "value": value} for name, value in NASTY.items()])
    assert dict(line.split("=", 1) for line in pod["env"]) == NASTY
    (known,) = talk.server.pods.values()
    assert known.variables(22, {}).items() >= NASTY.items()


def test_a_new_pod_is_to_run_and_has_no_runtime_yet(talk: Talk) -> None:
    pod = talk.deploy()
    assert pod["desiredStatus"] == "RUNNING"
    assert pod["runtime"] is None
    assert pod["costPerHr"] == 0.86
    assert pod["lastStatusChange"].startswith("Rented by User: Mon Sep 21 2026 14:13:20 GMT+0000")


def test_an_unknown_pod_is_null_and_no_error(talk: Talk) -> None:
    assert talk.pod("nothere") is None


def test_ending_an_unknown_pod_says_that_it_was_not_found(talk: Talk) -> None:
    error = talk.error(TERMINATE, id="nothere")
    assert error["message"] == "pod not found to terminate"
    assert error["extensions"]["code"] == "POD_NOT_FOUND"


def test_a_terminated_pod_shows_for_a_moment_and_is_gone_from_every_list(talk: Talk, clock: VirtualClock) -> None:
    pod = talk.deploy()
    assert talk.data(TERMINATE, id=pod["id"]) == {"podTerminate": None}
    assert talk.pod(pod["id"])["desiredStatus"] == "TERMINATED"
    assert talk.error(TERMINATE, id=pod["id"])["extensions"]["code"] == "POD_NOT_FOUND"
    clock.sleep(2)
    assert talk.pod(pod["id"]) is None
    assert talk.data("{ myself { pods { id } } }")["myself"]["pods"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"gpuTypeId": "NVIDIA GTX 9999"}, "SUPPLY_CONSTRAINT"),
        ({"dataCenterId": "EU-SE-1"}, "SUPPLY_CONSTRAINT"),
        ({"minCudaVersion": "13.0"}, "SUPPLY_CONSTRAINT"),
        ({"allowedCudaVersions": ["11.8"]}, "SUPPLY_CONSTRAINT"),
        ({"deployCost": 0.5}, "SUPPLY_CONSTRAINT"),
        ({"networkVolumeId": "nothere"}, "BAD_USER_INPUT"),
        ({"containerRegistryAuthId": "nothere"}, "BAD_USER_INPUT"),
        ({"env": [{"key": f"N{number}", "value": ""} for number in range(51)]}, "BAD_USER_INPUT"),
    ],
)
def test_what_no_host_can_run_is_refused_with_status_200(talk: Talk, changes: dict[str, object], code: str) -> None:
    answer = talk.post(DEPLOY, input=deployment(**changes))
    assert answer.status_code == 200
    assert answer.json()["data"] == {"podFindAndDeployOnDemand": None}
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert not talk.server.book.entries


def test_sold_out_in_one_data_centre_is_rented_in_another(talk: Talk) -> None:
    talk.server.stock(GPU, "None", data_center="EU-RO-1")
    pod = talk.deploy()
    assert talk.server.pods[pod["id"]].data_center == "US-KS-2"
    talk.server.stock(GPU, "None")
    assert "no longer any instances available" in talk.error(DEPLOY, input=deployment())["message"]


def test_a_network_volume_decides_data_centre_and_cloud(talk: Talk) -> None:
    volume = talk.server.add_volume("models", data_center="US-KS-2")
    pod = talk.deploy(networkVolumeId=volume.id, volumeMountPath="/workspace", cloudType="SECURE")
    assert talk.server.pods[pod["id"]].data_center == "US-KS-2"
    assert talk.server.pods[pod["id"]].cloud == "SECURE"
    for cloud in ("COMMUNITY", "ALL"):
        assert "Secure Cloud" in talk.error(DEPLOY, input=deployment(networkVolumeId=volume.id, cloudType=cloud))["message"]
    elsewhere = deployment(networkVolumeId=volume.id, cloudType="SECURE", dataCenterId="EU-RO-1")
    assert talk.error(DEPLOY, input=elsewhere)["extensions"]["code"] == "SUPPLY_CONSTRAINT"


def test_stock_and_price_are_told_for_what_is_asked(talk: Talk) -> None:
    talk.server.stock(GPU, "Low", data_center="EU-RO-1")
    talk.server.stock(GPU, "None", cloud="COMMUNITY", data_center="US-TX-3")
    talk.server.price(GPU, secure=0.9)

    def lowest(**asked: object) -> object:
        return talk.data(LOWEST, id=GPU, input={"gpuCount": 1, **asked})["gpuTypes"][0]["lowestPrice"]

    assert lowest(secureCloud=True, dataCenterId="EU-RO-1") == {"stockStatus": "Low", "uninterruptablePrice": 0.9}
    assert lowest() == {"stockStatus": "High", "uninterruptablePrice": 0.79}
    assert lowest(secureCloud=False, dataCenterId="US-TX-3") == {"stockStatus": "None", "uninterruptablePrice": 0.79}
    assert lowest(dataCenterId="EU-SE-1") == {"stockStatus": None, "uninterruptablePrice": None}


def test_the_account_tells_balance_and_spending(talk: Talk, clock: VirtualClock) -> None:
    talk.deploy(containerDiskInGb=0)
    clock.sleep(3600)
    account = talk.data("{ myself { id clientBalance currentSpendPerHr spendLimit } }")["myself"]
    assert account["clientBalance"] == pytest.approx(25 - 0.86)
    assert account["currentSpendPerHr"] == 0.86
    assert account["spendLimit"] == 80


def test_a_low_balance_and_a_spending_limit_keep_from_renting(talk: Talk) -> None:
    talk.server.balance(0.5)
    assert "balance is too low" in talk.error(DEPLOY, input=deployment())["message"]
    talk.server.balance(25)
    talk.server.account.spend_limit_usd = 0.5
    assert "current spending limit ($0.50/hr)" in talk.error(DEPLOY, input=deployment())["message"]


def test_an_empty_account_stops_a_pod_with_a_network_volume_and_ends_one_without(talk: Talk, clock: VirtualClock) -> None:
    volume = talk.server.add_volume("models")
    kept = talk.deploy(networkVolumeId=volume.id, volumeMountPath="/workspace", cloudType="SECURE")
    lost = talk.deploy()
    talk.server.balance(0.43)
    clock.sleep(3600)
    seen = talk.pod(kept["id"])
    assert seen["desiredStatus"] == "EXITED"
    assert seen["lastStatusChange"] == "Exited by RunPod: Insufficient balance"
    assert talk.pod(lost["id"])["lastStatusChange"].startswith("Terminated by RunPod: ")


@pytest.mark.parametrize("key", ["", "rpa_of_nobody"])
def test_a_wrong_key_is_401(server: CloudServer, key: str) -> None:
    with Talk(server, key) as stranger:
        assert stranger.post("{ myself { id } }").status_code == 401


def test_a_key_may_stand_in_the_address_as_well(server: CloudServer) -> None:
    with Talk(server, "") as talk:
        answer = talk.http.post(f"/graphql?api_key={server.key}", json={"query": "{ myself { id } }"})
    assert answer.json()["data"]["myself"]["id"] == server.account.id


def test_another_accounts_key_sees_and_ends_nothing_of_this_one(talk: Talk) -> None:
    pod = talk.deploy()
    other = talk.server.add_key(account=talk.server.add_account("user_other"))
    with Talk(talk.server, other) as stranger:
        assert stranger.pod(pod["id"]) is None
        assert stranger.data("{ myself { id pods { id } } }")["myself"] == {"id": "user_other", "pods": []}
        assert stranger.error(TERMINATE, id=pod["id"])["extensions"]["code"] == "POD_NOT_FOUND"
    assert [pod.id for pod in talk.server.running] == [pod["id"]]


def test_a_key_that_may_only_read_changes_nothing(talk: Talk) -> None:
    pod = talk.deploy()
    with Talk(talk.server, talk.server.add_key("read")) as reader:
        assert reader.pod(pod["id"])["id"] == pod["id"]
        assert reader.error(DEPLOY, input=deployment())["message"] == "Unauthorized"
        assert reader.error(TERMINATE, id=pod["id"])["message"] == "Unauthorized"
    assert len(talk.server.running) == 1


def test_a_restricted_key_sees_no_account(server: CloudServer) -> None:
    with Talk(server, server.add_key("restricted")) as talk:
        assert talk.data("{ myself { id pods { id } } }") == {"myself": None}


def test_a_pods_own_key_reaches_that_pod_alone(talk: Talk) -> None:
    mine, other = talk.deploy(name="mine"), talk.deploy(name="other")
    with Talk(talk.server, talk.server.pods[mine["id"]].key) as inside:
        assert inside.data("{ myself { id } }") == {"myself": None}
        assert inside.pod(mine["id"])["name"] == "mine"
        assert inside.pod(other["id"]) is None
        assert inside.error(TERMINATE, id=other["id"])["extensions"]["code"] == "POD_NOT_FOUND"
        assert inside.error(DEPLOY, input=deployment())["message"] == "Unauthorized"
        assert inside.data(STOP, id=mine["id"])["podStop"]["desiredStatus"] == "EXITED"
        assert inside.data(TERMINATE, id=mine["id"]) == {"podTerminate": None}
    assert [pod.id for pod in talk.server.running] == [other["id"]]


def test_secrets_reach_the_container_and_no_answer(talk: Talk) -> None:
    talk.server.account.secrets["hf_token"] = "hf_very_secret"
    pod = talk.deploy(env=[{"key": "HF_TOKEN", "value": "{{ RUNPOD_SECRET_hf_token }}"}])
    assert pod["env"] == ["HF_TOKEN={{ RUNPOD_SECRET_hf_token }}"]
    assert talk.server.pods[pod["id"]].variables(22, {})["HF_TOKEN"] == "hf_very_secret"


def test_the_container_gets_what_the_platform_adds_and_its_own_key_wins(talk: Talk) -> None:
    pod_id = talk.deploy(env=[{"key": "RUNPOD_API_KEY", "value": "mine"}])["id"]
    pod = talk.server.pods[pod_id]
    given = pod.variables(40022, talk.server.addresses())
    assert given["RUNPOD_POD_ID"] == pod.id
    assert given["RUNPOD_API_KEY"] == pod.key
    assert given["RUNPOD_DC_ID"] == "EU-RO-1"
    assert given["RUNPOD_TCP_PORT_22"] == "40022"


def test_pythons_own_user_agent_is_blocked_as_by_cloudflare(talk: Talk) -> None:
    answer = talk.http.post("/graphql", json={"query": "{ myself { id } }"}, headers={"User-Agent": "Python-urllib/3.11"})
    assert answer.status_code == 403
    assert "1010" in answer.text
