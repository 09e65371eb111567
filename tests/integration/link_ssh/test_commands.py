"""`fluxctl ssh` and `fluxctl sync` as they are typed, against a pod behind a real sshd."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.far_pod import FarPod, Played
from tests.support.shell import Shell

from fluxctl.errors import UsageError
from fluxctl.link.client import WorkerClient
from fluxctl.link.remote import RemotePod
from fluxctl.pods.pod import Pod
from fluxctl.services import shell as shell_service
from fluxctl.services.sync import checkout_package
from fluxpod import protocol
from fluxpod.pod_contract import CRASH_LOOP, STATE_ROUTE, EntrypointState, Limits
from fluxpod.protocol import source_hash


@dataclass
class FarProvider:
    """A provider with one pod, which is the one behind sshd, or this computer."""

    far: FarPod
    is_here: bool = False

    def find(self) -> Pod:
        return Pod("pod-1", "docker", 1.0, "embedded", "embedded", Limits())

    def remote(self, pod: Pod) -> RemotePod | None:
        return None if self.is_here else self.far.remote()

    def connect(self, pod: Pod) -> WorkerClient:
        return self.far.client()


@pytest.fixture
def provider(far: FarPod, monkeypatch: pytest.MonkeyPatch) -> FarProvider:
    provider = FarProvider(far)
    monkeypatch.setattr(shell_service, "open_provider", lambda *_: provider)
    monkeypatch.setattr("fluxctl.services.provider.live_providers", lambda *_: ["docker"])
    return provider


@pytest.fixture
def person(far: FarPod, provider: FarProvider) -> Iterator[Shell]:
    yield Shell(far.home / "fluxctl", variables=far.variables)


def test_the_exit_code_of_a_remote_command_is_fluxctls(person: Shell) -> None:
    for code in (0, 3, 130, 255):
        typed = person.type("ssh", "--", f"exit {code}")
        assert (typed.code, typed.err) == (code, "")
    assert person.type("ssh", "sh", "-c", "exit 5").code == 5, "options behind the command are the command's"


def test_a_pod_that_is_this_computer_is_said(person: Shell, provider: FarProvider) -> None:
    provider.is_here = True
    typed = person.type("ssh")
    assert typed.code == 2 and "on this computer itself" in typed.err
    typed = person.type("sync", "--json")
    assert typed.code == 0 and typed.document["changed"] is False and "already" in typed.err


def test_make_key_prints_the_public_half_and_makes_it_once(person: Shell, far: FarPod) -> None:
    shutil.rmtree(far.user / ".ssh")
    one, other = person.type("ssh", "--make-key"), person.type("ssh", "--make-key")
    assert one.code == 0 and one.out.startswith("ssh-ed25519 AAAA") and one.out == other.out
    assert str(far.home / "fluxctl" / "config" / "ssh" / "id_ed25519") in one.err


def test_nothing_that_runs_is_told_with_what_to_type(tmp_path: Path) -> None:
    typed = Shell(tmp_path / "home").type("ssh", "--", "nproc")
    assert typed.code == 6 and "nothing is running" in typed.err and "fluxctl up" in typed.err


def test_sync_brings_the_code_restarts_the_worker_and_waits_for_its_new_hash(person: Shell, far: FarPod, script: Played) -> None:
    script.next_source_hash = source_hash()
    typed = person.type("sync", "--json")
    assert typed.code == 0, typed.err
    assert typed.document["changed"] is True and typed.document["source_hash"] == source_hash()
    there = far.home / "synced" / "fluxpod"
    here = Path(protocol.__file__).parents[1]
    assert _files(there) == _files(here)
    assert script.restarts == 1
    again = person.type("sync", "--json")
    assert again.document["changed"] is False and script.restarts == 1


CRASHED = EntrypointState(CRASH_LOOP, detail="the worker ended 5 times", log=("ImportError: no torch",))


def test_sync_does_not_mind_what_is_still_said_of_the_worker_before(person: Shell, script: Played) -> None:
    answer, asked = script.answer, list[str]()

    def stale(method: str, path: str, token: str | None) -> tuple[int, Any]:
        if path != STATE_ROUTE or not script.restarts:
            return answer(method, path, token)
        asked.append(path)
        script.source_hash = source_hash() if len(asked) > 1 else "x"
        return 200, CRASHED.to_json()

    script.__dict__["answer"] = stale
    typed = person.type("sync", "--json")
    assert (typed.code, len(asked)) == (0, 2), typed.err


def test_sync_tells_that_the_new_code_does_not_start(person: Shell, script: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = script.answer

    def crashed(method: str, path: str, token: str | None) -> tuple[int, Any]:
        return (200, CRASHED.to_json()) if path == STATE_ROUTE else answer(method, path, token)

    script.__dict__["answer"] = crashed
    monkeypatch.setattr("fluxctl.services.sync.OLD_NEWS_SECONDS", 0.3)
    typed = person.type("sync", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (6, "crash_loop")
    assert "ImportError: no torch" in typed.err


def test_sync_takes_away_what_is_gone_from_the_checkout(person: Shell, far: FarPod, script: Played) -> None:
    old = far.home / "synced" / "fluxpod" / "gone.py"
    old.parent.mkdir(parents=True)
    old.write_text("raise SystemExit\n")
    script.next_source_hash = source_hash()
    assert person.type("sync").code == 0
    assert not old.exists()


def test_sync_leaves_a_worker_at_work_alone_unless_it_is_forced(person: Shell, far: FarPod, script: Played) -> None:
    script.busy, script.next_source_hash = True, source_hash()
    typed = person.type("sync", "--json")
    assert typed.code == 2 and typed.document["error"]["code"] == "busy"
    assert "--force" in typed.err and script.restarts == 0 and not (far.home / "synced").exists()
    assert person.type("sync", "--force").code == 0
    assert script.restarts == 1


def test_sync_needs_rsync_and_says_so(person: Shell, far: FarPod) -> None:
    tools = far.home / "bin"
    tools.mkdir()
    for name in ("ssh", "ssh-keygen", "ssh-add"):
        (tools / name).symlink_to(str(shutil.which(name)))
    person.variables["PATH"] = str(tools)
    typed = person.type("sync")
    assert typed.code == 3 and "rsync is not installed" in typed.err and "install rsync" in typed.err


def test_outside_a_checkout_there_is_nothing_to_sync(tmp_path: Path) -> None:
    installed = tmp_path / "site-packages" / "fluxpod" / "protocol"
    installed.mkdir(parents=True)
    with pytest.raises(UsageError, match="not run from a checkout") as raised:
        checkout_package(installed / "__init__.py")
    assert raised.value.hint
    assert checkout_package(Path(protocol.__file__)) == Path(protocol.__file__).parents[1]


def _files(folder: Path) -> dict[str, Any]:
    paths = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
