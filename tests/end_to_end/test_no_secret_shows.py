"""A whole rented session with things going wrong, after which no secret is anywhere but where it has to be."""

import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.cloud.cloud_server import CloudServer
from tests.cloud.play import image_labels
from tests.cloud.server import PROCESSES, cloud
from tests.support.guards import no_guard_left
from tests.support.hub_server import TOKEN, Hub
from tests.support.messages_server import KEY, messages_server
from tests.support.registry_server import Registry
from tests.support.renter import image_of
from tests.support.shell import Shell

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("sshd") or Path("/usr/sbin/sshd").exists()), reason="pods as processes need root and sshd"
)
PATIENCE_SECONDS = 200
LOOK_SECONDS = 0.1


@dataclass
class ProcessList:
    """What anybody on this computer could read of the command lines."""

    seen: set[bytes] = field(default_factory=set[bytes])
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "ProcessList":
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            for process in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    self.seen.add((process / "cmdline").read_bytes())


@dataclass
class Session:
    """Somebody who types commands as processes of their own, with `--debug`, and keeps all that is printed."""

    shell: Shell
    server: CloudServer
    image: str
    printed: list[bytes] = field(default_factory=list[bytes])

    def type(self, *words: str, stdin: str = "") -> int:
        """Run a command and return its exit code."""
        command = [sys.executable, "-m", "fluxctl", *words, "--debug"]
        done = subprocess.run(
            command, cwd=self.shell.work, env=self.shell.variables, input=stdin.encode(), capture_output=True, timeout=PATIENCE_SECONDS
        )
        self.printed += [done.stdout, done.stderr]
        return done.returncode

    @property
    def keys(self) -> dict[str, str]:
        """What the person keeps secret."""
        return {"RUNPOD_API_KEY": self.server.key, "HF_TOKEN": TOKEN, "ANTHROPIC_API_KEY": KEY}

    def secrets(self) -> dict[str, bytes]:
        """Name → every secret of this session, those of its pods too."""
        found = {name: value.encode() for name, value in self.keys.items()}
        for pod in self.server.pods.values():
            found[f"key of {pod.id}"] = pod.key.encode()
            found[f"token of {pod.id}"] = pod.environment["FLUXPOD_WORKER_TOKEN"].encode()
            # All keys of this kind have the first line of the body in common.
            _, _, *body, _ = pod.environment["FLUXPOD_HOST_KEY"].strip().splitlines()
            assert len(body) > 1
            found |= {f"host key of {pod.id}, line {number}": line.encode() for number, line in enumerate(body) if len(line) > 20}
        return found

    def told_by_pods(self) -> list[bytes]:
        """Return what RunPod keeps of each pod's logs."""
        return [line.text.encode() for pod in self.server.pods for line in self.server.market.tier.lines(self.server.pods[pod], 1e12)]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    home = tmp_path / "home"
    with no_guard_left(home), Registry() as registry, Hub() as hub, messages_server() as claude, cloud(PROCESSES) as server:
        shell = Shell(home)
        shell.variables |= {
            **server.addresses(),
            "HF_ENDPOINT": hub.url,
            "ANTHROPIC_BASE_URL": claude.url,
            "HOME": str(tmp_path),
            "FLUXCTL_GENERATE__MODEL": "embedded",
        }
        shell.config.chmod(0o700)
        yield Session(shell, server, image_of(registry, image_labels(PROCESSES)))


def found_in(texts: list[bytes], secrets: dict[str, bytes]) -> set[str]:
    """Return the names of the secrets that stand in any of the texts."""
    return {name for name, secret in secrets.items() for text in texts if secret in text}


def files_with(folder: Path, secrets: dict[str, bytes]) -> dict[str, str]:
    """Return the files below a folder in which a secret stands, with their modes."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    holding = [path for path in files if found_in([path.read_bytes()], secrets)]
    return {str(path.relative_to(folder)): oct(stat.S_IMODE(path.stat().st_mode)) for path in holding}


@pytest.mark.parametrize("transport", ["graphql", "rest"])
def test_a_session_with_faults_leaves_no_secret_where_it_does_not_belong(session: Session, transport: str) -> None:
    server, home = session.server, session.shell.home
    session.shell.variables["FLUXCTL_RUNPOD__TRANSPORT"] = transport
    keys = "".join(f"{name}={value}\n" for name, value in session.keys.items())
    with ProcessList() as processes:
        assert session.type("init", "--secrets-file", "-", "--image", session.image, "--volume", "none", "--yes", stdin=keys) == 0
        # A server that repeats what it was sent, keys and all.
        echo = f'Variable "$input" got invalid value {TOKEN} at "input.env" of Bearer {server.key}'
        server.fault("create", "broken_rule", message=echo, times=None)
        assert session.type("up", "--yes") != 0
        server.faults.clear()
        server.fault("create", "reset_after_effect")
        server.fault("list", "502")
        server.fault("get", "html")
        assert session.type("up", "--yes") == 0
        (pod_id,) = [pod.id for pod in server.running]
        alive = files_with(home, session.secrets())
        assert session.type("gen", "a blue ring on a white background", "--enhance", "--json") == 0
        server.fault("get", "401", times=1)
        session.type("status", "--json")
        for words in (("logs",), ("logs", "--system"), ("logs", "--watchdog"), ("ps", "--all", "--json"), ("config", "show", "--json")):
            session.type(*words)
        for words in (("status", "--json"), ("doctor", "--json"), ("sweep", "--json"), ("ssh", "--", "env")):
            session.type(*words)
        server.fault("terminate", "errors", message=echo)
        assert session.type("down") == 0
        secrets = session.secrets()
    assert not server.running
    assert server.pods[pod_id].key in secrets[f"key of {pod_id}"].decode()
    assert any(b"fluxctl" in line for line in processes.seen)
    assert any(b"sshd" in line for line in processes.seen)
    assert found_in(session.printed, secrets) == set()
    assert found_in(list(processes.seen), secrets) == set()
    assert found_in(session.told_by_pods(), secrets) == set()
    assert alive == {"config/config.env": "0o600", f"state/pods/{pod_id}/token": "0o600"}
    assert set(files_with(home, secrets)) <= set(alive)
    assert files_with(home / "state", {name: secret for name, secret in secrets.items() if name in session.keys}) == {}
