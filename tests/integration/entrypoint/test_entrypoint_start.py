"""How a pod starts, whatever it is handed: the watchdog first, then keys, sshd and worker."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys

import pytest
from tests.integration.entrypoint.conftest import MakePod
from tests.support.pod_process import BUSY_SECONDS, CRASHING, free_port
from tests.support.worker_process import TOKEN

from fluxpod.pod_contract import Limits


def test_it_answers_and_lets_in_whom_it_knows_and_says_its_host_key(make_pod: MakePod) -> None:
    pod = make_pod().start()
    state = pod.wait_for_state("running")
    pod.wait_until(lambda: pod.known_state().sshd == "running", "sshd")
    assert stat.S_IMODE(pod.paths.entrypoint_socket.stat().st_mode) == 0o600
    pod.wait_until(lambda: pod.ssh("exit 7").returncode == 7, "a login")
    (said,) = re.findall(r"^fluxpod: host key (SHA256:\S+)$", pod.output, re.MULTILINE)
    known = subprocess.run(["ssh-keygen", "-l", "-f", str(pod.folder / "known_hosts")], capture_output=True, text=True, check=True).stdout
    assert said in known
    assert state.host_key_fingerprint == said


def test_values_reach_every_kind_of_session_unchanged_and_secrets_none(make_pod: MakePod) -> None:
    odd = "q\"'`id`$HOME\n\n{} é🎨 \\ end"
    secrets = {"RUNPOD_API_KEY": "rpa_secret_key", "HF_TOKEN": "hf_secret_token"}
    pod = make_pod(variables={"ODD": odd, "PATH": f"{os.environ['PATH']}:/a folder", **secrets}).start()
    pod.wait_until(lambda: pod.ssh("true").returncode == 0, "a login")
    show = 'printf "%s|" "$ODD" "$PATH"; env'
    plain = pod.ssh(show).stdout.decode()
    inner = pod.ssh(f"bash -i -c '{show}'").stdout.decode()
    for said in (plain, inner):
        assert said.startswith(f"{odd}|")
        assert ":/a folder|" in said  # before it stands what this user's own ~/.bashrc puts there, which bash reads under sshd
    login = pod.ssh(given=b'shopt -q login_shell && printf "%s|" "$ODD"; env\n').stdout.decode()
    assert f"{odd}|" in login
    for told in (plain, inner, login, pod.output):
        assert not [secret for secret in (TOKEN, *secrets.values()) if secret in told]


def test_files_can_be_copied_and_ports_and_sockets_be_forwarded(make_pod: MakePod) -> None:
    pod = make_pod().start()
    pod.wait_until(lambda: pod.ssh("true").returncode == 0, "a login")
    assert pod.ssh("cat", given=b"\0\xff binary").stdout == b"\0\xff binary"
    local = pod.folder / "s"
    forwarded = pod.ssh(
        f"sleep 1; test -S {pod.paths.entrypoint_socket}",
        options=(
            "-o",
            "ExitOnForwardFailure=yes",
            "-L",
            f"{local}:{pod.paths.entrypoint_socket}",
            "-L",
            f"{free_port()}:127.0.0.1:{pod.port}",
        ),
    )
    assert forwarded.returncode == 0, forwarded.stderr


def test_nobody_else_gets_in_and_no_password_is_asked(make_pod: MakePod) -> None:
    pod = make_pod().start()
    pod.wait_until(lambda: pod.ssh("true").returncode == 0, "a login")
    other = make_pod()
    pod.client_key = other.client_key
    refused = pod.ssh("true", options=("-o", "PreferredAuthentications=publickey,password,keyboard-interactive"))
    assert refused.returncode == 255
    assert b"Permission denied (publickey)" in refused.stderr


def test_several_keys_are_let_in_and_a_malformed_line_ends_nothing(make_pod: MakePod) -> None:
    other = make_pod()
    pod = make_pod()
    pod.variables["PUBLIC_KEY"] = f"rubbish\n{pod.public_key}\n\n{other.public_key}\n"
    pod.start()
    pod.wait_until(lambda: pod.ssh("true").returncode == 0, "a login")
    pod.client_key = other.client_key
    assert pod.ssh("true").returncode == 0
    assert "PUBLIC_KEY, line 1" in pod.known_state().detail
    (keys,) = pod.root.rglob("authorized_keys")
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600


def test_without_a_public_key_the_pod_lives_and_says_so(make_pod: MakePod) -> None:
    pod = make_pod(variables={"PUBLIC_KEY": ""}).start()
    assert "nobody can log in" in pod.wait_for_state("running").detail
    pod.wait_until(lambda: pod.process_id("watchdog") > 0, "a watchdog")


def test_the_host_key_that_was_handed_over_is_shown_and_no_log_has_it(make_pod: MakePod) -> None:
    other = make_pod()
    private = other.client_key.read_text()
    pod = make_pod(variables={"FLUXPOD_HOST_KEY": private}).start()
    pod.wait_until(lambda: pod.ssh("true").returncode == 0, "a login")
    assert other.public_key.split()[1] in (pod.folder / "known_hosts").read_text()
    assert not [line for line in private.splitlines() if line in pod.output]


def test_a_host_key_that_is_none_is_told_and_another_one_made(make_pod: MakePod) -> None:
    pod = make_pod(variables={"FLUXPOD_HOST_KEY": "-----BEGIN OPENSSH PRIVATE KEY-----\nrubbish\n"}).start()
    pod.wait_until(lambda: pod.ssh("true").returncode == 0, "a login")
    assert "FLUXPOD_HOST_KEY cannot be used" in pod.known_state().detail


def test_the_host_key_stays_over_a_restart_of_the_container(make_pod: MakePod) -> None:
    pod = make_pod().start()
    pod.wait_until(lambda: pod.known_state().host_key_fingerprint != "", "a host key")
    first = pod.known_state().host_key_fingerprint
    pod.terminate()
    pod.start()
    pod.wait_until(lambda: pod.known_state().host_key_fingerprint != "", "a host key")
    assert pod.known_state().host_key_fingerprint == first


def test_a_port_of_sshd_that_is_taken_is_a_state_and_ends_nothing(make_pod: MakePod) -> None:
    pod = make_pod()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", pod.sshd_port))
        taken.listen()
        pod.start()
        pod.wait_until(lambda: pod.known_state().sshd.startswith("failed: "), "the failure")
        assert pod.known_state().state == "running"
        pod.wait_until(lambda: pod.process_id("watchdog") > 0, "a watchdog")
    pod.wait_until(lambda: pod.ssh("true").returncode == 0, "a login once the port is free")


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"FLUXPOD_WORKER_TOKEN": ""}, "FLUXPOD_WORKER_TOKEN"),
        ({"FLUXPOD_IDLE_TIMEOUT_SECONDS": "soon"}, "FLUXPOD_IDLE_TIMEOUT_SECONDS"),
        ({"FLUXPOD_CREATED_AT": "", "FLUXPOD_MODEL": "", "FLUXPOD_END_ACTION": "explode"}, "FLUXPOD_CREATED_AT"),
        ({"FLUXPOD_PORT": "many"}, "FLUXPOD_PORT"),
        ({"SSHD_PORT": "many"}, "SSHD_PORT"),
    ],
)
def test_a_malformed_contract_is_a_state_and_the_watchdog_runs_all_the_same(
    make_pod: MakePod, variables: dict[str, str], named: str
) -> None:
    pod = make_pod(variables=variables).start()
    assert named in pod.wait_for_state("failed").detail
    pod.wait_until(lambda: pod.process_id("watchdog") > 0, "a watchdog")
    assert pod.known_state().worker.restarts == 0


def test_values_that_are_no_text_end_nothing(make_pod: MakePod) -> None:
    odd = os.fsdecode(b"\xff\xfe odd")
    variables = {"HF_TOKEN": f"hf_token {odd}", "RUNPOD_API_KEY": f"rpa_key {odd}", "FLUXPOD_HOST_KEY": f"{odd} key\n{odd}", "ODD": odd}
    pod = make_pod(variables=variables)
    pod.variables["PUBLIC_KEY"] = f"{odd}\n{pod.public_key} {odd}\n"
    pod.start().wait_for_state("running")
    pod.wait_until(lambda: pod.process_id("watchdog") > 0, "a watchdog")
    pod.wait_until(lambda: pod.ssh("true").returncode == 0, "a login")
    assert "FLUXPOD_HOST_KEY cannot be used" in pod.known_state().detail


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ("import fluxpod.entrypoint.sshd as sshd\nsshd.prepare = lambda *words: 1 / 0", "sshd: ZeroDivisionError"),
        ("import fluxpod.entrypoint.permission as permission\npermission.ask = lambda *words: 1 / 0", "worker: ZeroDivisionError"),
        (
            "import fluxpod.entrypoint.child as child\nlook = child.Child.look\n"
            "child.Child.look = lambda self, now: 1 / 0 if self.name == 'sshd' else look(self, now)",
            "sshd: ZeroDivisionError",
        ),
    ],
    ids=["preparing", "asking", "looking"],
)
def test_whatever_goes_wrong_beside_the_watchdog_is_said_and_ends_nothing(make_pod: MakePod, broken: str, named: str) -> None:
    pod = make_pod(limits=Limits(lifetime_seconds=3.0)).start(broken)
    pod.wait_until(lambda: named in pod.known_state().detail, "the problem")
    assert pod.ended() == 0
    assert "the pod has ended" in pod.output or "ending: its lifetime" in pod.output
    assert pod.output.count(named) == 1


def test_from_the_wish_on_a_restart_is_told_until_the_deaf_worker_is_gone(make_pod: MakePod) -> None:
    deaf = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf', flush=True)\ntime.sleep(1000)\n"
    pod = make_pod(deaf).start()
    pod.wait_until(lambda: "worker: deaf" in pod.output, "the worker")
    answer = pod.ask_entrypoint("POST", "/v1/restart_worker")
    assert answer is not None
    assert answer.body["state"] == "restarting"
    told: list[str] = []
    pod.wait_until(lambda: bool(told.append(pod.known_state().state)) or "was ended" in pod.output, "the end of the old worker")
    assert set(told[:-1]) == {"restarting"}
    pod.wait_for_state("running")


def test_without_a_token_the_boot_grace_ends_the_pod(make_pod: MakePod) -> None:
    pod = make_pod(variables={"FLUXPOD_WORKER_TOKEN": ""}, limits=Limits(boot_grace_seconds=2.0, silence_timeout_seconds=1.0)).start()
    assert pod.ended() == 0
    assert "never ready" in pod.output


def test_a_crash_loop_is_a_state_with_the_workers_last_lines(make_pod: MakePod) -> None:
    pod = make_pod(CRASHING).start()
    state = pod.wait_for_state("crash_loop")
    assert state.worker.exit_code == 1
    assert state.worker.restarts >= 3
    assert "this worker cannot" in "\n".join(state.log)
    assert pod.process_id("watchdog")


def test_a_killed_watchdog_is_back_with_the_same_deadline(make_pod: MakePod) -> None:
    pod = make_pod().start()
    pod.wait_until(pod.paths.deadline.exists, "the deadline")
    before = pod.paths.deadline.read_text()
    first = pod.kill("watchdog")
    pod.wait_until(lambda: pod.process_id("watchdog") not in (0, first), "another watchdog")
    pod.wait_until(lambda: pod.output.count("watches pod") == 2, "its first words")
    assert pod.paths.deadline.read_text() == before


def test_sigterm_ends_everything_within_five_seconds(make_pod: MakePod) -> None:
    ignoring = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf', flush=True)\ntime.sleep(1000)\n"
    pod = make_pod(ignoring).start()
    pod.wait_until(lambda: "worker: deaf" in pod.output, "the worker")
    pod.wait_until(lambda: pod.ssh("true").returncode == 0, "a login")
    options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", f"IdentityFile={pod.client_key}")
    words = [word for option in options for word in ("-o", option)]
    line = ["ssh", "-F", "none", *words, "-p", str(pod.sshd_port), "127.0.0.1", "echo in; exec sleep 1000"]
    session = subprocess.Popen(line, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert session.stdout
    assert session.stdout.readline() == b"in\n"
    assert pod.terminate() < 5 + BUSY_SECONDS
    session.wait(30)
    session.stdout.close()
    assert pod.process
    assert pod.process.returncode == 0
    assert not pod.process_id("watchdog")


def test_what_a_killed_entrypoint_left_is_ended_first(make_pod: MakePod) -> None:
    pod = make_pod().start()
    pod.wait_until(lambda: pod.process_id("watchdog") > 0, "a watchdog")
    first = pod.process_id("watchdog")
    assert pod.process
    pod.process.send_signal(signal.SIGKILL)
    pod.process.wait()
    pod.start()
    pod.wait_until(lambda: pod.process_id("watchdog") not in (0, first), "another watchdog")


def test_two_pods_run_on_one_machine_and_one_pod_not_twice(make_pod: MakePod) -> None:
    first, second = make_pod().start(), make_pod().start()
    for pod in (first, second):
        pod.wait_until(lambda pod=pod: pod.ssh("true").returncode == 0, "a login")
    again = subprocess.run([sys.executable, "-m", "fluxpod.entrypoint"], env=first.environment, capture_output=True, text=True, timeout=30)
    assert again.returncode == 75
    assert "another entrypoint is running" in again.stdout
