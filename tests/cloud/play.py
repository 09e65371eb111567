"""Runs a cloud for somebody at play: says how to point fluxctl at it, tells what happens, and at the end who ran for how long."""

import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from tests.cloud.cloud_server import CloudServer
from tests.cloud.containers import IMAGE, client, why_not
from tests.cloud.server import CONTAINERS, PROCESSES, SIMULATED, cloud
from tests.support.guards import no_guard_left
from tests.support.registry_server import Registry

from fluxpod.protocol import source_hash

TIERS = (CONTAINERS, PROCESSES, SIMULATED)
LOOK_SECONDS = 0.5
TAG = "cpu"
REPOSITORY = "somebody/fluxctl-pod"
SOURCE_HASH, TORCH = "ai.fluxctl.source-hash", "ai.fluxctl.torch"


class CannotPlayError(Exception):
    """There is nothing here that pods could be made of."""


def play(wanted: str = "") -> None:
    """Run until Ctrl-C (or SIGTERM); `wanted` is a tier, "" for the best there is. Raise CannotPlayError."""
    tier = wanted or best_tier()
    stopping = _StopSignals()
    home = Path(tempfile.mkdtemp(prefix="fluxctl-cloud-"))
    with no_guard_left(home), Registry() as registry, cloud(tier, seed=secrets.randbits(32)) as server:
        registry.add_image(TAG, labels=image_labels(tier))
        make_key(home / "ssh_key")
        variables = exports(server, f"{registry.name}/{REPOSITORY}:{TAG}", home)
        tell(f"a RunPod on this computer; its pods are {_words(tier)}. Paste this into another terminal:\n")
        sys.stdout.write("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()))
        sys.stdout.flush()
        typed = program()
        tell(f'\nthen: {typed} up --yes && {typed} gen "a blue ring on a white background" && {typed} down')
        tell("Ctrl-C here ends it, and every pod.\n")
        _watch(server, stopping)
        left = server.running
        if left:
            tell(f"ending {len(left)} pod{'' if len(left) == 1 else 's'} that still ran …")
        _end_all(server)
        lines = server.book.lines(server.now())
    sys.stdout.write("\nthe account book\n" + "".join(f"  {line}\n" for line in lines))
    if {file.name for file in home.iterdir()} <= {"ssh_key", "ssh_key.pub"}:
        shutil.rmtree(home)  # nobody used it
    else:
        tell(f"pictures and ledger lie in {home}")


def best_tier() -> str:
    """Return what pods can be made of here; raise CannotPlayError."""
    reason = why_not()
    if not reason:
        return CONTAINERS
    if os.geteuid() == 0 and (shutil.which("sshd") or Path("/usr/sbin/sshd").exists()):
        tell(f"{reason}: pods are processes")
        return PROCESSES
    raise CannotPlayError(
        f"{reason} (make image TORCH=cpu IMAGE=fluxctl-pod TAG=cpu builds one), and without it root and sshd are needed\n"
        "→ make cloud PODS=simulated  (shows all but a worker: nothing answers at a pod's address)"
    )


def program() -> str:
    """Return how fluxctl is typed here: by its path where the shell would not find it."""
    beside = Path(sys.executable).with_name("fluxctl")
    return "fluxctl" if shutil.which("fluxctl") or not beside.exists() else str(beside)


def exports(server: CloudServer, image: str, home: Path) -> dict[str, str]:
    """Return the variables that point fluxctl at a cloud, in a home and with an SSH key of its own, and the model that comes with it."""
    mine = {
        "FLUXCTL_POD__IMAGE": image,
        "FLUXCTL_GENERATE__MODEL": "embedded",
        "FLUXCTL_LINK__SSH_KEY": str(home / "ssh_key"),
        "FLUXCTL_HOME": str(home),
    }
    return {**server.exports(), **mine}


def make_key(file: Path) -> None:
    """Make a key that opens the pods of this cloud, so that nobody's own is needed."""
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "make cloud", "-f", str(file)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


def image_labels(tier: str) -> dict[str, str]:
    """Return what the registry says of the image that a pod is ordered with."""
    if tier == CONTAINERS:
        engine = client()
        try:
            return dict(engine.images.get(IMAGE).labels)
        finally:
            engine.close()
    return {SOURCE_HASH: source_hash(), TORCH: "cpu"}


def tell(text: str) -> None:
    """Say something to the person."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _watch(server: CloudServer, stopping: "_StopSignals") -> None:
    """Tell what becomes of pods until a signal comes."""
    told: Mapping[str, str] = {}
    while not stopping.came:
        server.market.closed.wait(LOOK_SECONDS)
        for pod in server.pods.values():
            if told.get(pod.id) != pod.words:
                tell(f"{pod.id} {pod.name}: {pod.words} ({pod.kind.name}, ${pod.price_per_hour_usd:.2f}/h)")
        told = {pod.id: pod.words for pod in server.pods.values()}


def _end_all(server: CloudServer) -> None:
    with server.market.lock:
        for entry in list(server.market.book.left):
            server.market.terminate(server.market.pods[entry.pod_id], "Terminated by RunPod")


def _words(tier: str) -> str:
    return {CONTAINERS: f"containers of {IMAGE}", PROCESSES: "processes", SIMULATED: "only simulated: nothing answers at their addresses"}[
        tier
    ]


class _StopSignals:
    """Notes Ctrl-C and SIGTERM, however often they come: pods are ended in peace."""

    def __init__(self) -> None:
        self.came = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.came = True
