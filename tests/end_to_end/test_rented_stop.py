"""A pod that is stopped at its end and started again, its logs while it runs, and what is asked when its GPU is gone."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cloud.cloud_server import CloudServer
from tests.cloud.play import image_labels
from tests.cloud.server import PROCESSES, cloud
from tests.support.registry_server import Registry
from tests.support.renter import image_of
from tests.support.shell import Shell

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("sshd") or Path("/usr/sbin/sshd").exists()), reason="pods as processes need root and sshd"
)


@pytest.fixture
def server() -> Iterator[CloudServer]:
    with cloud(PROCESSES) as server:
        yield server


@pytest.fixture
def shell(server: CloudServer, tmp_path: Path) -> Iterator[Shell]:
    with Registry() as registry:
        shell = Shell(tmp_path / "home")
        shell.variables |= {
            **server.exports(),
            "FLUXCTL_POD__IMAGE": image_of(registry, image_labels(PROCESSES)),
            "FLUXCTL_GENERATE__MODEL": "embedded",
            "FLUXCTL_POD__END": "stop",
            "FLUXCTL_RUNPOD__VOLUME_DISK_GB": "60",
            "FLUXCTL_RUNPOD__GPU_TYPES": "NVIDIA L40S, NVIDIA A40",
        }
        assert shell.type("ssh", "--make-key").code == 0
        yield shell


def test_a_stopped_pod_is_named_resumed_replaced_after_a_question_and_ended_for_good(shell: Shell, server: CloudServer) -> None:
    up = shell.type("up", "--yes")
    assert up.code == 0, up.err
    pod = up.out.strip()
    assert "is stopped 10 min after its last use" in up.err
    assert "storage a disk of 60 GB: $12.00 a month while it is stopped" in up.err
    logs = {words: shell.start("logs", "-f", *words) for words in ((), ("--system",))}
    told = {words: process.stdout.readline() for words, process in logs.items() if process.stdout}
    assert "INFO fluxpod.worker" in told[()]
    assert "create pod network" in told[("--system",)]

    down = shell.type("down")
    assert down.code == 0, down.err
    assert f"stopped  {pod} · it cost $" in down.err
    assert f"kept     {pod} (NVIDIA L40S) is kept stopped; its disk costs about $12.00 a month" in down.err
    for process in logs.values():
        _, err = process.communicate(timeout=90)
        assert (process.returncode, "the log ends here" in err) == (0, True), err
    status = shell.type("status")
    assert f"stopped  {pod}" in status.out
    assert "fluxctl down --all ends it for good" in status.err
    assert "kept stopped" in shell.type("down").err

    refused = shell.type("up")
    assert refused.code == 10
    assert f"the stopped pod {pod} is started again: NVIDIA L40S · $0.86/h" in refused.err
    again = shell.type("up", stdin="y\n", terminal=True)
    assert again.code == 0, again.err
    assert again.out.strip() == pod
    assert shell.type("down").code == 0

    server.pods[pod].life.host_taken = True
    kept = shell.type("gen", "a ring", stdin="y\nn\n", terminal=True)
    assert kept.code == 10
    assert "End the stopped pod, lose what lies on its disk, and rent another one?" in kept.err
    assert server.book[pod].gone_at is None
    made = shell.type("gen", "a ring", stdin="y\ny\n", terminal=True)
    assert made.code == 0, made.err
    assert server.book[pod].gone_at is not None
    assert len(server.pods) == 2

    assert shell.type("down").code == 0
    declined = shell.type("down", "--all")
    assert (declined.code, "End 1 stopped, with all that lies on its disk?" in declined.err) == (10, True)
    ended = shell.type("down", "--all", "--yes")
    assert ended.code == 0, ended.err
    assert not server.book.left
