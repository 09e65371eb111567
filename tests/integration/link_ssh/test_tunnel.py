"""The kept connection: checked from the first moment, used again, rebuilt when it broke, told in our words when it cannot be."""

import os
import signal
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.far_pod import FarPod, Played
from tests.support.ssh_server import SshServer, children, make_key

from fluxctl.errors import ExitCode, ProviderError
from fluxctl.link.connection import Timeouts
from fluxctl.link.errors import (
    KeyFileError,
    KeyRefusedError,
    OtherMachineError,
    SshMissingError,
    TokenRefusedError,
    WorkerUnreachableError,
)
from fluxctl.link.remote import SshAddress, connect, disconnect, entrypoint_state, restart_worker


def until(is_so: Callable[[], object], seconds: float = 20.0) -> float:
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - began


def gone(process_id: int) -> bool:
    try:
        return "Z" in Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True


def test_a_worker_answers_over_a_connection_that_is_kept_and_used_again(far: FarPod, server: SshServer) -> None:
    assert far.client().health().pod_id == "pod-1"
    first = far.master()
    assert far.client().health().pod_id == "pod-1"
    assert far.master() == first
    assert server.log.count("Accepted publickey") == 1
    assert far.asked == 1


def test_only_the_user_can_enter_the_folder_of_the_sockets(far: FarPod) -> None:
    far.client().health()
    folder = far.tunnel().place.folder
    for path in (folder, folder.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_another_host_key_is_refused_at_the_very_first_connection_with_what_it_means(far: FarPod, home: Path, server: SshServer) -> None:
    other = make_key(home / "other")
    with pytest.raises(OtherMachineError, match="another machine answers there") as raised:
        far.client(host_key=other).health()
    assert raised.value.exit_code == ExitCode.NOT_READY and "fluxctl" in raised.value.hint
    assert "Accepted" not in server.log, "nothing may be sent to it"


def test_a_machine_in_the_users_own_known_hosts_is_trusted_no_more_than_any(far: FarPod, home: Path) -> None:
    known = far.user / ".ssh" / "known_hosts"
    known.write_text(f"[127.0.0.1]:{far.server.port} {far.server.host_key}\nfluxctl-pod-1 {far.server.host_key}\n")
    with pytest.raises(OtherMachineError):
        far.client(host_key=make_key(home / "other")).health()


def test_nothing_is_learnt_from_a_pod(far: FarPod) -> None:
    far.client().health()
    assert far.tunnel().place.known_hosts.read_text() == f"fluxctl-pod-1 {far.server.host_key}\n"
    assert not (far.user / ".ssh" / "known_hosts").exists()


def test_a_damaged_host_key_is_refused_before_anything_is_sent(far: FarPod, server: SshServer) -> None:
    before = server.log.count("Connection from")
    with pytest.raises(ProviderError, match="damaged"):
        far.client(host_key="ssh-ed25519 AAAA\n* ssh-rsa AAAB").health()
    assert server.log.count("Connection from") == before


@pytest.mark.parametrize("host", ["-oProxyCommand=x", "a b", "$(id)", "a;b", "%h", ""])
def test_an_address_that_is_none_never_reaches_ssh(far: FarPod, host: str) -> None:
    with pytest.raises(ProviderError, match="address is none"):
        far.client(address=lambda: SshAddress(host, 22)).health()


def test_somebody_elses_key_is_refused_and_it_is_said_which_was_offered(far: FarPod, home: Path) -> None:
    mine = make_key(home / "mine")
    far.settings = replace(far.settings, ssh_key=str(home / "mine"))
    with pytest.raises(KeyRefusedError, match="created with another key") as raised:
        far.client().health()
    assert str(home / "mine") in raised.value.message and "SHA256:" in raised.value.message
    assert "SSH_KEY" in raised.value.hint
    assert mine.split()[1] not in raised.value.message


def test_a_worker_that_refuses_the_token_is_told_apart_from_one_that_cannot_be_reached(far: FarPod) -> None:
    with pytest.raises(TokenRefusedError, match="401"):
        far.client(worker_token="another").health()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604])
def test_a_private_key_that_others_can_read_is_refused_with_the_chmod_to_type(far: FarPod, mode: int) -> None:
    far.settings = replace(far.settings, ssh_key="~/.ssh/id_ed25519")
    far.key.chmod(mode)
    with pytest.raises(KeyFileError) as raised:
        far.client().health()
    assert raised.value.hint == f"chmod 600 {far.key}" and raised.value.exit_code == ExitCode.SETTINGS


def test_a_missing_key_is_said_with_how_to_make_one(far: FarPod) -> None:
    far.settings = replace(far.settings, ssh_key="~/nowhere")
    with pytest.raises(KeyFileError, match="no SSH key at") as raised:
        far.client().health()
    assert "--make-key" in raised.value.hint


def test_a_key_with_a_passphrase_that_no_agent_holds_is_said(far: FarPod, server: SshServer) -> None:
    locked = far.user / "locked"
    server.let_in(make_key(locked, passphrase="secret words"))
    far.settings = replace(far.settings, ssh_key=str(locked))
    with pytest.raises(KeyRefusedError, match="passphrase") as raised:
        far.client().health()
    assert raised.value.hint == f"ssh-add {locked}"


def test_a_key_that_lies_in_an_agent_alone_opens_the_pod(far: FarPod, home: Path, server: SshServer) -> None:
    key, agent = home / "agent_key", home / "agent.sock"
    server.let_in(make_key(key))
    started = subprocess.Popen(["ssh-agent", "-D", "-a", str(agent)], stdout=subprocess.DEVNULL)
    try:
        until(agent.is_socket)
        variables = {**far.variables, "SSH_AUTH_SOCK": str(agent)}
        subprocess.run(["ssh-add", "-q", str(key)], env=variables, check=True, capture_output=True)
        key.unlink()
        far.settings = replace(far.settings, ssh_key=f"{key}.pub")
        environment = replace_variables(far, variables)
        with closing(connect(environment, far.remote(), far.settings, Timeouts(5, 5, 20))) as client:
            assert client.health().pod_id == "pod-1"
    finally:
        started.terminate()
        started.wait()


def replace_variables(far: FarPod, variables: dict[str, str]):
    environment = far.environment
    environment.variables = variables
    return environment


def test_ssh_that_is_not_installed_is_said_with_what_to_type(far: FarPod, home: Path) -> None:
    environment = replace_variables(far, {**far.variables, "PATH": str(home)})
    with closing(connect(environment, far.remote(), far.settings, Timeouts(5, 5, 20))) as client, pytest.raises(SshMissingError) as raised:
        client.health()
    assert "openssh" in raised.value.hint


def test_nobody_at_the_address_is_an_unreachable_worker_that_may_come(far: FarPod, server: SshServer) -> None:
    server.kill()
    with pytest.raises(WorkerUnreachableError) as raised:
        far.client().health()
    assert raised.value.code in ("ssh_refused", "ssh_closed")  # closed: the system had taken the connection before sshd was gone


def test_a_pod_that_does_not_answer_is_given_up_after_the_timeout_of_the_settings(far: FarPod) -> None:
    far.settings = replace(far.settings, connect_timeout_seconds=1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(WorkerUnreachableError, match="within 1 s") as raised:
            far.client(address=lambda: SshAddress("127.0.0.1", silent.getsockname()[1])).health()
        assert raised.value.code == "ssh_timeout" and "SSH_CONNECT_TIMEOUT" in raised.value.hint
        assert time.monotonic() - began < 8


def test_a_master_that_was_killed_is_built_anew_within_the_same_request(far: FarPod) -> None:
    client = far.client()
    client.health()
    first = far.master()
    os.kill(first, signal.SIGKILL)
    until(lambda: gone(first))
    assert client.health().pod_id == "pod-1"
    assert far.master() != first
    assert far.asked == 2, "the address is asked for at every connection"


def test_a_pod_that_moved_is_found_at_its_new_address(far: FarPod, server: SshServer) -> None:
    client = far.client()
    client.health()
    server.kill()
    server.start()
    assert client.health().pod_id == "pod-1"
    assert far.asked == 2


def test_a_pod_that_falls_silent_is_noticed_within_seconds(far: FarPod, server: SshServer) -> None:
    far.client().health()
    master = far.master()
    assert server.process is not None
    sessions = children(server.process.pid)
    for process_id in sessions:
        os.kill(process_id, signal.SIGSTOP)
    try:
        assert until(lambda: gone(master), 10) < 8
    finally:
        for process_id in sessions:
            os.kill(process_id, signal.SIGCONT)


def test_a_master_that_hangs_is_left_and_another_one_built(far: FarPod, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fluxctl.link.ssh_process.run.__defaults__", (0.5,))
    client = far.client()
    client.health()
    hung = far.master()
    os.kill(hung, signal.SIGSTOP)
    try:
        assert far.client().health().pod_id == "pod-1"
        assert far.master() != hung
    finally:
        os.kill(hung, signal.SIGKILL)


@pytest.mark.parametrize("in_the_way", ["file", "stale socket"])
def test_what_lies_where_the_socket_will_be_is_replaced(far: FarPod, in_the_way: str) -> None:
    path = far.tunnel().place.worker
    if in_the_way == "file":
        path.write_text("mine?")
    else:
        with socket.socket(socket.AF_UNIX) as taken:
            taken.bind(str(path))
    assert far.client().health().pod_id == "pod-1"


def test_a_folder_where_the_socket_will_be_is_said(far: FarPod) -> None:
    path = far.tunnel().place.worker
    path.mkdir()
    with pytest.raises(ProviderError) as raised:
        far.client().health()
    path.rmdir()
    assert str(path) in raised.value.message and str(path.parent) in raised.value.hint


def test_many_at_once_build_one_connection(far: FarPod, server: SshServer) -> None:
    answers: list[str] = []
    clients = [far.client() for _ in range(6)]
    threads = [threading.Thread(target=lambda client=client: answers.append(client.health().pod_id)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["pod-1"] * 6
    assert server.log.count("Accepted publickey") == 1


def test_a_connection_that_nobody_uses_ends_by_itself(far: FarPod) -> None:
    far.settings = replace(far.settings, ssh_keep_seconds=5)
    client = far.client()
    client.health()
    master = far.master()
    client.close()
    until(lambda: gone(master))
    assert far.client().health().pod_id == "pod-1"


def test_closing_ends_the_master_and_leaves_no_socket(far: FarPod) -> None:
    far.client().health()
    master, place = far.master(), far.tunnel().place
    disconnect(far.environment, far.pod_id)
    until(lambda: gone(master))
    assert [path.name for path in place.folder.iterdir()] == ["lock"]
    disconnect(far.environment, far.pod_id)


def test_a_pod_that_is_known_to_have_ended_is_not_connected_to(far: FarPod) -> None:
    with pytest.raises(WorkerUnreachableError) as raised:
        far.client(is_alive=lambda: False).health()
    assert raised.value.code == "worker_died" and far.asked == 0


def test_the_entrypoint_answers_over_the_same_connection(far: FarPod, script: Played, server: SshServer) -> None:
    state = entrypoint_state(far.environment, far.remote(), far.settings)
    assert state is not None and state.log == ("a line",)
    restart_worker(far.environment, far.remote(), far.settings)
    assert script.restarts == 1
    assert entrypoint_state(far.environment, far.remote(entrypoint_socket="/nowhere"), far.settings) is not None, "the master is kept"
    assert server.log.count("Accepted publickey") == 1


def test_an_image_without_an_entrypoint_socket_tells_nothing(far: FarPod) -> None:
    remote = far.remote(entrypoint_socket=str(far.home / "nowhere"))
    assert entrypoint_state(far.environment, remote, far.settings) is None
    with pytest.raises(WorkerUnreachableError, match="entrypoint does not answer"):
        restart_worker(far.environment, remote, far.settings)


def test_no_secret_stands_in_a_command_line_or_in_what_is_shown(far: FarPod) -> None:
    far.client().health()
    line = Path(f"/proc/{far.master()}/cmdline").read_text()
    assert far.token not in line and far.token not in repr(far.remote())
    assert "PRIVATE" not in line


def test_what_the_users_configuration_says_of_pods_is_heard_but_cannot_weaken_the_check() -> None:
    from tests.support.far_pod import LinkSettings

    from fluxctl.link.ssh_options import master_options

    options = master_options("fluxctl-x", SshAddress("h", 22), LinkSettings(), known_hosts=Path("/k"), identity=Path("/i"))
    said = dict(word.split("=", 1) for word in options if "=" in word)
    assert said["StrictHostKeyChecking"] == "yes" and said["UserKnownHostsFile"] == "/k" and said["GlobalKnownHostsFile"] == "/dev/null"
    assert said["HostKeyAlias"] == "fluxctl-x" and said["UpdateHostKeys"] == "no" and said["BatchMode"] == "yes"
    assert said["ForwardAgent"] == "no" and said["PermitLocalCommand"] == "no"
    assert "-F" not in options and "ProxyJump" not in said
