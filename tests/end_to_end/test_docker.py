"""The same commands against a real container of the really built image, over real OpenSSH."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.docker_engine import docker
from tests.support.shell import Shell, wait_until

CONFIG = """\
provider: docker
pod: {{image: "{image}", idle_timeout_seconds: 600}}
docker: {{network: host}}
"""


@pytest.fixture
def shell(pod_image: str) -> Iterator[Shell]:
    """Somebody with a container of their own, which is removed afterwards, whatever happened; their SSH key does not exist yet."""
    home = Path(tempfile.mkdtemp(prefix="fl-", dir="/tmp"))
    shell = Shell(home, {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")})
    (home / "run").mkdir(mode=0o700)
    (shell.config / "config.yaml").write_text(CONFIG.format(image=pod_image))
    yield shell
    shell.type("down")
    for name in containers(shell):
        docker("rm", "--force", "--volumes", name, check=False)
    if owner(shell):
        docker("volume", "rm", "--force", f"fluxctl-{owner(shell)[:8]}", check=False)
    shutil.rmtree(home, ignore_errors=True)


def owner(shell: Shell) -> str:
    file = shell.config / "owner_id"
    return file.read_text().strip() if file.exists() else ""


def containers(shell: Shell, *more: str) -> list[str]:
    """Names of this person's containers, also of those that have ended."""
    if not owner(shell):
        return []
    return docker("ps", "--all", "--format", "{{.Names}}", "--filter", f"label=ai.fluxctl.owner={owner(shell)}", *more).stdout.split()


def test_up_gen_status_logs_ssh_and_down(shell: Shell) -> None:
    up = shell.type("up", "--provider", "docker", "--yes")
    assert up.code == 0, up.err
    for words in ("plan     a container of", "embedded · ends 10 min after its last use", "worker   starting", "ready    embedded"):
        assert words in up.err
    (name,) = containers(shell)
    assert up.out.strip() == name
    gen = shell.type("gen", "a green star on a black background", "--steps", "2", "--json")
    assert gen.code == 0, gen.err
    assert (gen.document["provider"], gen.document["model"]) == ("docker", "embedded")
    assert Path(gen.document["pictures"][0]["path"]).stat().st_size > 0
    status = shell.type("status").out
    for words in ("ready for", "0 running, 0 waiting", "watchdog alive", name):
        assert words in status
    assert "is ready on" in shell.type("logs").out
    assert "the worker is ready" in shell.type("logs", "--watchdog").out
    assert shell.type("logs", "--json").document["lines"]
    remote = shell.start("ssh", "--", "nproc")
    out, err = remote.communicate(timeout=60)
    assert (remote.returncode, out.strip().isdigit()) == (0, True), err
    down = shell.type("down")
    assert (down.code, containers(shell)) == (0, [])
    volume = f"fluxctl-{owner(shell)[:8]}"
    assert f"volume   {volume} stays" in down.err
    assert docker("volume", "inspect", volume, check=False).returncode == 0
    assert not [path for path in (shell.home / "state" / "pods").iterdir() if path.is_dir()]


def test_secrets_lie_in_closed_files_and_are_read_back_after_a_loss(shell: Shell) -> None:
    assert shell.type("up").code == 0
    (name,) = containers(shell)
    folder = shell.home / "state" / "pods" / name
    token = (folder / "token").read_text()
    shutil.rmtree(shell.home / "state")
    typed = shell.type("gen", "a star", "--steps", "1", "--json")
    assert typed.code == 0, typed.err
    assert containers(shell) == [name]
    assert (folder / "token").read_text() == token
    assert token not in typed.err + typed.out


def test_a_container_ends_by_itself_when_nobody_uses_it(shell: Shell) -> None:
    shell.variables["FLUXCTL_POD__IDLE_TIMEOUT_SECONDS"] = "3"
    assert shell.type("gen", "a star", "--steps", "1").code == 0
    (name,) = containers(shell)
    wait_until(lambda: not containers(shell, "--filter", "status=running"), 60)
    assert docker("inspect", "--format", "{{.State.OOMKilled}} {{.State.Error}}", name).stdout.strip() == "false"
    assert "nothing is running" in shell.type("status").out
    assert "no use for" in shell.type("logs", "--watchdog").out
    assert shell.type("down").code == 0
    assert containers(shell) == []


def test_a_container_killed_in_the_middle_of_a_job_loses_no_picture(shell: Shell) -> None:
    assert shell.type("up").code == 0
    (name,) = containers(shell)
    command = shell.start("gen", "a red ring", "--steps", "400", "--seed", "7", "--json")
    talk = command.stderr
    assert talk is not None and any("it/s" in line for line in talk), "it ended without a step"
    docker("kill", name)
    out, err = command.communicate(timeout=180)
    assert command.returncode == 7, err
    assert json.loads(out)["error"]["code"] == "worker_died"
    assert "fluxctl fetch" in err
    # Fewer steps would be another job: the rest is made as it was ordered.
    fetched = shell.type("fetch", "--json")
    assert fetched.code == 0, fetched.err
    assert [picture["seed"] for picture in fetched.document["pictures"]] == [7]
    assert containers(shell) != [name] and len(containers(shell)) == 1


def test_two_ups_at_once_make_one_container(shell: Shell) -> None:
    commands = [shell.start("up", "--json") for _ in range(2)]
    said = [json.loads(command.communicate(timeout=180)[0]) for command in commands]
    assert sorted(document["started"] for document in said) == [False, True]
    assert len({document["pod"]["id"] for document in said}) == 1
    assert len(containers(shell)) == 1


def test_two_gens_at_once_share_one_container_and_one_connection(shell: Shell) -> None:
    assert shell.type("up").code == 0
    commands = [shell.start("gen", f"a {colour} star", "--steps", "3", "--json") for colour in ("red", "blue")]
    said = [json.loads(command.communicate(timeout=120)[0]) for command in commands]
    assert [len(document["pictures"]) for document in said] == [1, 1], said
    assert len(containers(shell)) == 1


def test_a_new_container_finds_what_the_first_one_left_on_the_volume(shell: Shell) -> None:
    assert shell.type("up").code == 0
    (first,) = containers(shell)
    docker("exec", first, "sh", "-c", 'echo kept >"$HF_HOME/mark"')
    assert shell.type("down").code == 0
    assert shell.type("up").code == 0
    (second,) = containers(shell)
    assert second != first
    assert docker("exec", second, "sh", "-c", 'cat "$HF_HOME/mark"').stdout == "kept\n"


def test_logs_are_followed_and_leave_nothing_behind(shell: Shell) -> None:
    assert shell.type("up").code == 0
    (name,) = containers(shell)
    command = shell.start("logs", "--follow", "--lines", "1")
    assert command.stdout is not None and command.stdout.readline()
    assert shell.type("gen", "a star", "--steps", "1").code == 0
    assert any("attempt 1" in command.stdout.readline() for _ in range(20))
    command.terminate()
    command.communicate(timeout=10)
    wait_until(lambda: "tail -n" not in docker("top", name, "-eo", "pid,args").stdout, 30)


def test_a_container_that_ends_while_it_boots_tells_its_last_words(shell: Shell) -> None:
    shell.variables["FLUXCTL_POD__LIFETIME_SECONDS"] = "1"
    began = time.monotonic()
    typed = shell.type("up", "--json")
    assert typed.code == 6, typed.err
    assert time.monotonic() - began < 60
    assert "ended before it was ready" in typed.err and "fluxctl logs" in typed.err
    assert shell.type("down").code == 0
    assert containers(shell) == []
