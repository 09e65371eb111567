"""Keys of sshd, and what a session gets to see of the container's environment."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from fluxpod.entrypoint.child_log import LARGEST_FILE_BYTES, ChildLog
from fluxpod.entrypoint.keys import UnusableKeyError, own_host_key, usable_keys, write_host_key
from fluxpod.entrypoint.session_environment import for_sessions, for_watchdog, for_worker, secrets_in

ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4mP0mDZ0cBz0Fv9QYwZ0v8P2eL2Yc0mYtq9fQm3c1f"
SECRETS = {
    "FLUXPOD_WORKER_TOKEN": "token-1",
    "FLUXPOD_HOST_KEY": "-----BEGIN\nsecretline\n",
    "RUNPOD_API_KEY": "rpa_1",
    "HF_TOKEN": "hf_123",
}


def test_several_keys_are_all_let_in() -> None:
    given = f'# mine\n{ED25519} me@here\r\n\n{ED25519}\nno-pty,command="echo hi" {ED25519} you\n'
    assert usable_keys(given) == ([f"{ED25519} me@here", ED25519, f'no-pty,command="echo hi" {ED25519} you'], [])


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        "ssh-ed25519 !!!!",
        "ssh-rsa " + ED25519.split()[1],
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    ],
)
def test_a_malformed_line_is_left_out_and_named_by_its_number(line: str) -> None:
    good, problems = usable_keys(f"{ED25519}\n{line}")
    assert good == [ED25519]
    assert len(problems) == 1
    assert "line 2" in problems[0]
    assert line not in problems[0]


def test_no_key_at_all_is_said() -> None:
    assert usable_keys("")[1] == ["PUBLIC_KEY holds no key: nobody can log in over SSH"]


def test_a_host_key_is_made_once_and_a_given_one_is_kept(tmp_path: Path) -> None:
    made = tmp_path / "made"
    first = own_host_key(made)
    assert own_host_key(made) == first
    shown = subprocess.run(["ssh-keygen", "-l", "-f", str(made)], capture_output=True, text=True, check=True).stdout
    assert first in shown
    for number, text in enumerate(
        (made.read_text(), made.read_text().strip(), made.read_text().replace("\n", "\\n"), made.read_text().replace("\n", "\r\n"))
    ):
        given = tmp_path / f"given{number}"
        assert write_host_key(text, given) == first
        assert given.stat().st_mode & 0o777 == 0o600


def test_a_host_key_that_is_none_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UnusableKeyError):
        write_host_key("-----BEGIN OPENSSH PRIVATE KEY-----\nnothing\n", tmp_path / "key")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_any_value_reaches_a_shell_unchanged(tmp_path: Path, shell: str) -> None:
    odd = "a 'b' \"c\" $HOME `id` \\ {} $(id)\n\n# é 🎨 !! \t end\n"
    (tmp_path / "environment").write_bytes(for_sessions({"ODD": odd, **SECRETS}))
    told = subprocess.run(
        [shell, "-c", '. ./environment; printf "%s" "$ODD"; env'], cwd=tmp_path, env={}, capture_output=True, check=True
    ).stdout
    assert told.decode().startswith(odd)
    assert not any(value.splitlines()[-1] in told.decode() for value in SECRETS.values())


def test_a_session_keeps_its_own_and_no_name_breaks_the_script() -> None:
    told = for_sessions({"HOME": "/x", "SSH_CONNECTION": "x", "a b; rm": "x", "PATH": "/bin", "ÄÖ": "x"})
    assert told == b"export PATH=/bin\n"


def test_each_process_gets_only_its_own_secrets() -> None:
    assert sorted(for_worker(SECRETS)) == ["FLUXPOD_WORKER_TOKEN", "HF_TOKEN"]
    assert sorted(for_watchdog(SECRETS)) == ["FLUXPOD_WORKER_TOKEN", "RUNPOD_API_KEY"]


def test_a_log_hides_secrets_keeps_the_last_lines_and_its_size(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    log = ChildLog("worker", tmp_path / "logs" / "worker.log", secrets_in(SECRETS))
    for number in range(60):
        log.write(f"line {number} with token-1 and secretline")
    assert len(log.last_lines) == 50
    assert log.last_line == "line 59 with [secret] and [secret]"
    long = "x" * 10_000
    for _ in range(2 * LARGEST_FILE_BYTES // 10_000 + 5):
        log.write(long)
    sizes = [file.stat().st_size for file in (tmp_path / "logs").iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= LARGEST_FILE_BYTES + 20_000
    out = capfdbinary.readouterr().out
    assert b"worker: line 3 with [secret]" in out
    assert b"token-1" not in out + (tmp_path / "logs" / "worker.log.1").read_bytes()


def test_a_log_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    log = ChildLog("worker", tmp_path / "logs" / "worker.log", ())
    log.write("still here")
    assert log.last_line == "still here"


def test_a_secret_of_any_bytes_is_hidden(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    secret = b"hf_\xff\xfe_token"
    log = ChildLog("worker", tmp_path / "worker.log", secrets_in({"HF_TOKEN": os.fsdecode(secret)}))
    reading, writing = os.pipe()
    os.write(writing, b"with " + secret + b" inside\n")
    os.close(writing)
    log.follow(reading)
    while not log.last_line:
        time.sleep(0.01)
    assert log.last_line == "with [secret] inside"
    assert secret not in capfdbinary.readouterr().out
