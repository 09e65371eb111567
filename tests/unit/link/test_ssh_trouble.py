"""What ssh says becomes what happened, what it means and what to type; nothing of it is shown raw."""

from pathlib import Path

import pytest

from fluxctl.errors import FluxctlError, SettingsError
from fluxctl.link.errors import KeyRefusedError, OtherMachineError, WorkerUnreachableError
from fluxctl.link.identity import Identity
from fluxctl.link.ssh_options import SshAddress
from fluxctl.link.ssh_process import Ran, exit_code
from fluxctl.link.ssh_trouble import Attempt, explain_ssh

IDENTITY = Identity(Path("/home/ada/.ssh/id_ed25519"), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAA")
ATTEMPT = Attempt("pod-1", SshAddress("10.1.2.3", 2200), IDENTITY, 10.0)


@pytest.mark.parametrize(
    ("said", "kind", "code", "words"),
    [
        (
            "No ED25519 host key is known for x and you have requested strict checking.\nHost key verification failed.\n",
            OtherMachineError,
            "wrong_host_key",
            "another machine answers",
        ),
        (
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.",
            OtherMachineError,
            "wrong_host_key",
            "nothing was sent",
        ),
        (
            "Unable to negotiate with 1.2.3.4 port 22: no matching host key type found. Their offer: ssh-rsa",
            OtherMachineError,
            "wrong_host_key",
            "host key",
        ),
        ("root@1.2.3.4: Permission denied (publickey).", KeyRefusedError, "key_refused", "SHA256:"),
        ("Received disconnect from 1.2.3.4: Too many authentication failures", KeyRefusedError, "key_refused", "another key"),
        (
            "ssh: connect to host 1.2.3.4 port 22: Connection refused",
            WorkerUnreachableError,
            "ssh_refused",
            "nobody listens at 10.1.2.3 port 2200",
        ),
        ("ssh: connect to host 1.2.3.4 port 22: Connection timed out", WorkerUnreachableError, "ssh_timeout", "within 10 s"),
        ("Connection timed out during banner exchange", WorkerUnreachableError, "ssh_timeout", "10 s"),
        ("kex_exchange_identification: read: Connection reset by peer", WorkerUnreachableError, "ssh_closed", "just starting"),
        ("ssh: Could not resolve hostname x: Name or service not known", WorkerUnreachableError, "ssh_failed", "Could not resolve"),
        ("/home/ada/.ssh/config: line 3: Bad configuration option: hots", SettingsError, "ssh_config", "line 3"),
        ("Bad owner or permissions on /home/ada/.ssh/config", SettingsError, "ssh_config", "permissions"),
        ("", WorkerUnreachableError, "ssh_failed", "did not say why"),
        ("\x1b[31mred\x07 words\n", WorkerUnreachableError, "ssh_failed", "?[31mred? words"),
    ],
)
def test_each_failure_has_words_of_its_own_and_a_next_step(said: str, kind: type[FluxctlError], code: str, words: str) -> None:
    error = explain_ssh(Ran(255, "", said), ATTEMPT)
    assert type(error) is kind and error.code == code
    assert words in error.message and error.hint


def test_an_ssh_that_had_to_be_ended_did_not_answer_in_time() -> None:
    error = explain_ssh(Ran(None, "", ""), ATTEMPT)
    assert error.code == "ssh_timeout" and "SSH_CONNECT_TIMEOUT=30" in error.hint


def test_a_locked_key_is_named_before_the_pod_is_blamed() -> None:
    locked = Attempt("pod-1", ATTEMPT.address, Identity(Path("/home/ada/my key"), IDENTITY.public_key, needs_passphrase=True), 10.0)
    error = explain_ssh(Ran(255, "", "Permission denied (publickey)."), locked)
    assert error.code == "key_locked" and error.hint == "ssh-add '/home/ada/my key'"


def test_an_end_by_a_signal_is_told_as_a_shell_tells_it() -> None:
    assert (exit_code(-9), exit_code(3), exit_code(0)) == (137, 3, 0)
