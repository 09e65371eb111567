"""What the way over a kept ssh connection adds to the requests of one warm `gen`: prints the seconds, local and through the tunnel.

A worker that only answers stands behind a real sshd on 127.0.0.1, so that nothing but the way is measured.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.support.far_pod import TOKEN, FarPod, LinkSettings, Played, played
from tests.support.ssh_server import ssh_server

from fluxctl.link.client import WorkerClient

ROUNDS = 25
REQUESTS = 8
"""A warm gen of one picture: twice its health, what is idle, put, events, picture, ack, and one to spare."""


def one_gen(connect: Callable[[], WorkerClient]) -> float:
    """Return the seconds of one gen's requests over a client of its own."""
    begun = time.perf_counter()
    with closing(connect()) as client:
        for _ in range(REQUESTS):
            client.health()
    return time.perf_counter() - begun


def main() -> None:
    """Measure in turn; the first connection, which is built, is told apart."""
    home = Path(tempfile.mkdtemp(prefix="fb-", dir="/tmp"))  # short enough for sockets
    (home / "sshd").mkdir(mode=0o700)
    try:
        with ssh_server(home / "sshd") as server, played(Played(), home / "entry.sock") as port:
            far = FarPod(home, server, port, settings=LinkSettings(ssh_alive_seconds=5))
            near = home / "entry.sock"  # the same answers, on a unix socket as the local worker has
            first = one_gen(far.client)
            pairs = [(one_gen(lambda: WorkerClient(near, TOKEN)), one_gen(far.client)) for _ in range(ROUNDS)]
            far.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    local, kept = (statistics.median(times) for times in zip(*pairs, strict=True))
    added = statistics.median(there - here for here, there in pairs)
    sys.stdout.write(f"{added} {local} {kept} {first}\n")


if __name__ == "__main__":
    main()
