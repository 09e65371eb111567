"""`fluxctl init` that is broken off, or that meets what was set up before by somebody else, with another account, in another file."""

import pytest
from tests.integration.setup.conftest import VOLUME, Beginner, steps
from tests.integration.setup.test_init_at_a_terminal import answer
from tests.support.hub_server import TOKEN

from fluxctl.environment import Environment
from fluxctl.ledger import Ledger, RentedPod
from fluxctl.providers.runpod.account_mark import mark_of


def test_the_end_of_input_at_the_image_ends_it_before_anything_is_paid(somebody: Beginner) -> None:
    typed = answer(somebody, somebody.runpod.key, TOKEN, "", words=("--yes",))
    assert (typed.code, typed.document["error"]["code"]) == (10, "declined")
    assert [step["name"] for step in typed.document["steps"]][-1] == "ssh key"
    assert not somebody.runpod.account.volumes and "what was answered before is kept" in typed.err


def test_the_end_of_input_at_the_volume_ends_it(somebody: Beginner) -> None:
    typed = answer(somebody, somebody.runpod.key, TOKEN, "", somebody.image)
    assert (typed.code, typed.document["error"]["code"], "volume" in steps(typed)) == (10, "declined", False)


def test_an_image_that_waits_is_what_the_last_line_says(somebody: Beginner) -> None:
    typed = answer(somebody, somebody.runpod.key, TOKEN, "", "", "2")
    assert typed.err.splitlines()[-1].startswith("→ make push IMAGE=") and "makes the first picture" not in typed.err


def test_a_new_volume_is_offered_under_a_free_name_beside_those_that_there_are(somebody: Beginner) -> None:
    there = somebody.runpod.add_volume("fluxctl")
    typed = answer(somebody, somebody.runpod.key, TOKEN, "", somebody.image, "2")
    assert f"1  use {there.id} (fluxctl)" in typed.err and "2  make fluxctl-2: 80 GB" in typed.err
    assert (typed.code, typed.document["volume"]["name"]) == (0, "fluxctl-2")


def test_where_no_new_volume_can_be_made_the_others_are_still_offered(somebody: Beginner) -> None:
    somebody.runpod.add_volume("models")
    somebody.shell.type("config", "set", "runpod.gpu_types", "NVIDIA L40S")
    somebody.runpod.stock("NVIDIA L40S", "None")
    typed = answer(somebody, somebody.runpod.key, TOKEN, "", somebody.image, "1")
    assert typed.code == 0 and "no new volume: no data centre" in typed.err and "none of the wanted GPUs in stock now" in typed.err


def test_a_typed_key_that_a_config_env_in_this_folder_hides_is_said(somebody: Beginner) -> None:
    here = somebody.shell.work / "config.env"
    here.write_text("RUNPOD_API_KEY=rpa_old\n")
    here.chmod(0o600)
    typed = answer(somebody, somebody.runpod.key, TOKEN, "", somebody.image, "2")
    assert f"warning: {here}:1 (RUNPOD_API_KEY) goes before the RUNPOD_API_KEY that was kept in {somebody.config_env}" in typed.err
    assert "rpa_old" not in typed.err


def test_a_refused_key_of_the_environment_is_not_written_and_nothing_is_asked_in_its_place(somebody: Beginner) -> None:
    somebody.shell.variables["RUNPOD_API_KEY"] = "rpa_wrong"
    typed = answer(somebody, TOKEN, "", somebody.image)
    assert (typed.code, typed.document["error"]["code"]) == (3, "key_refused")
    assert "rpa_wrong" not in typed.err + somebody.config_env.read_text()


def test_no_volume_is_a_decision_that_is_not_asked_for_again(somebody: Beginner) -> None:
    typed = answer(somebody, somebody.runpod.key, TOKEN, "", somebody.image, "2")
    assert (typed.code, steps(typed)["volume"]) == (0, "skipped") and "volume_id: null" in somebody.config_yaml
    for again in (answer(somebody, ""), somebody.shell.type("init", "--json")):
        assert (again.code, steps(again)["volume"]) == (0, "skipped") and "as decided" in again.err
    assert somebody.shell.type("init", "--volume", "new", "--yes").code == 0 and len(somebody.runpod.account.volumes) == 1
    assert somebody.shell.type("init", "--volume", "none").code == 0
    assert somebody.shell.type("init", "--volume-size", "50", "--volume-name", "other", "--yes").code == 0
    assert sorted(volume.size_gb for volume in somebody.runpod.account.volumes.values()) == [50, 80]


def test_a_stored_key_that_is_refused_and_not_replaced_is_still_the_trouble(somebody: Beginner) -> None:
    somebody.begin()
    for name, refused in (("RUNPOD_API_KEY", "rpa_old"), ("ANTHROPIC_API_KEY", "sk-ant-old")):
        somebody.config_env.write_text(somebody.keys(**{name: refused}))
        typed = answer(somebody, "")
        assert (typed.code, steps(typed)[name]) == (3, "failed"), typed.err
        assert refused in somebody.config_env.read_text() and refused not in typed.err


def test_the_older_tools_config_env_is_read_as_it_is(somebody: Beginner) -> None:
    here = somebody.shell.work / "config.env"
    older = "RUNPOD_HOST=1.2.3.4\nRUNPOD_PORT=22041\nRUNPOD_USER=root\nSSH_CONNECT_TIMEOUT=15\nSTEPS_QUALITY=60\nexport HF_TOKEN='%s'\n"
    here.write_text(older % TOKEN)
    here.chmod(0o600)
    typed = somebody.init("--image", somebody.image, *VOLUME, stdin=somebody.keys(HF_TOKEN=""))
    assert (typed.code, steps(typed)["HF_TOKEN"]) == (0, "ok"), typed.err
    for name in ("RUNPOD_HOST", "RUNPOD_PORT", "RUNPOD_USER"):
        assert f"{name} is not needed any more" in typed.err
    assert here.read_text() == older % TOKEN and TOKEN not in somebody.config_env.read_text()


@pytest.mark.parametrize(("account", "warned"), [("other", True), ("", False)])
def test_a_key_of_another_account_than_a_live_pods_is_said(somebody: Beginner, account: str, warned: bool) -> None:
    mark = mark_of("rpa_of_somebody_else", account) if account else mark_of(somebody.runpod.key)
    environment = Environment(variables=somebody.shell.variables)
    with Ledger.open(environment) as ledger:
        note(ledger, mark)
    typed = somebody.init("--image", somebody.image, *VOLUME)
    assert typed.code == 0
    assert ("pod-1 was rented by another account" in typed.err) is warned


def note(ledger: Ledger, mark: str) -> None:
    """Note a pod that lives."""
    name = "fluxctl-0a1b2c3d-11112222"
    ledger.rentals.adopt(RentedPod("pod-1", name, "runpod", mark, "NVIDIA L40S", 0.86, 1.0, 1.0, 28800.0), 2.0)
