"""Copying code into a pod: what is said when that cannot be done there."""

from pathlib import Path

import pytest

from fluxctl.link.code_copy import copy_folder
from fluxctl.link.errors import SshMissingError


def test_a_pod_without_rsync_is_said_with_what_can_be_typed(tmp_path: Path) -> None:
    rsync = tmp_path / "rsync"
    rsync.write_text("#!/bin/sh\necho rsync: command not found >&2\nexit 127\n")
    rsync.chmod(0o755)
    with pytest.raises(SshMissingError, match="the pod has no rsync") as raised:
        copy_folder(tmp_path / "control", "pod", tmp_path, "/opt/code", {"PATH": str(tmp_path) + ":/usr/bin:/bin"})
    assert raised.value.hint.startswith("make push IMAGE=REGISTRY/YOU/fluxctl-pod")
