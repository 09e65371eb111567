"""A whole session at a RunPod on this computer: real GraphQL or REST, a real entrypoint and worker, real SSH."""

import os
import shutil
from pathlib import Path

import pytest
from tests.cloud.play import image_labels
from tests.cloud.server import PROCESSES, cloud
from tests.support.registry_server import Registry
from tests.support.renter import image_of
from tests.support.shell import Shell

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("sshd") or Path("/usr/sbin/sshd").exists()), reason="pods as processes need root and sshd"
)


@pytest.mark.parametrize("transport", ["graphql", "rest"])
def test_up_gen_status_and_down_rent_one_pod_and_end_it(tmp_path: Path, transport: str) -> None:
    with Registry() as registry, cloud(PROCESSES) as server:
        shell = Shell(tmp_path / "home")
        shell.variables |= {
            **server.exports(),
            "FLUXCTL_POD__IMAGE": image_of(registry, image_labels(PROCESSES)),
            "FLUXCTL_GENERATE__MODEL": "embedded",
            "FLUXCTL_RUNPOD__TRANSPORT": transport,
        }
        assert shell.type("ssh", "--make-key").code == 0
        up = shell.type("up", "--yes")
        assert up.code == 0, up.err
        for stage in ("plan     1. NVIDIA L40S", "pod      rented", "so far", "ready    embedded", "costs    $0.86/h"):
            assert stage in up.err
        made = shell.type("gen", "a blue ring on a white background", "--json")
        assert made.code == 0, made.err
        assert made.document["cost_usd"] > 0
        again = shell.type("up", "--json")
        assert (again.code, again.document["started"], again.document["pod"]["id"]) == (0, False, up.out.strip())
        before = len(server.calls)
        status = shell.type("status", "--json").document
        assert len(server.calls) - before <= 2
        assert (status["worker"]["phase"], status["rental"]["gpu_type"], status["watchdog"]["alive"]) == ("ready", "NVIDIA L40S", True)
        down = shell.type("down")
        assert down.code == 0, down.err
        assert "it cost $" in down.err
        assert not server.running
        assert len(server.pods) == 1
