"""What tests/containers/prepare.sh does where the first engine does not come up."""

import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "containers" / "prepare.sh"
PARTS = ("/^say()/p", "/^answers()/p", "/^end_process()/,/^}/p", "/^start_engine()/,/^}/p")


def test_the_first_engine_has_ended_before_the_second_starts(tmp_path: Path) -> None:
    programs = {
        "docker": f"test -e {tmp_path}/answers",
        "sleep": "exec /bin/sleep 0.01",
        "dockerd": f"""
            case "$*" in
            *--bridge=none*) kill -0 "$(cat {tmp_path}/first)" 2>/dev/null && echo lives > {tmp_path}/both; touch {tmp_path}/answers;;
            *) echo $$ > {tmp_path}/first; exec /bin/sleep 30;;
            esac""",
    }
    for name, body in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    functions = subprocess.run(["sed", "-n", *(word for part in PARTS for word in ("-e", part)), SCRIPT], capture_output=True, text=True)
    variables = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", f"{functions.stdout}\nstart_engine"], env=variables, timeout=60)
    assert done.returncode == 0
    assert (tmp_path / "first").exists()
    assert not (tmp_path / "both").exists()
