"""Runs a command in a pod as `fluxctl ssh` does, in a process whose streams and signals are its own.

`python far_command.py POD.json [--tty] [WORD …]`: the file holds the pod, the settings and the person's variables.
"""

import json
import sys
from pathlib import Path

from tests.support.far_pod import LinkSettings

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.link.remote import RemotePod, SshAddress, run_shell


def main(pod: Path, words: list[str]) -> int:
    """Run it and return its exit code."""
    said = json.loads(pod.read_text())
    address = SshAddress(**said["address"])
    remote = RemotePod(**said["pod"], address=lambda: address, is_alive=lambda: True)
    terminal = words[:1] == ["--tty"]
    try:
        environment = Environment(variables=said["variables"])
        return run_shell(environment, remote, LinkSettings(**said["settings"]), words[terminal:], terminal=terminal)
    except FluxctlError as error:
        sys.stderr.write(f"{error.message}\n")
        return int(error.exit_code)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
