"""`fluxctl tokens` as a process: it is quick, for it starts nothing and loads no model."""

import os
import resource
import subprocess
import sys
from pathlib import Path

MOST_SECONDS = 0.3
TRIES = 7


def processor_seconds(*words: str, home: Path) -> float:
    """Start fluxctl and return the processor time that it took, which other processes do not change as much as the clock."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "FLUXCTL_HOME": str(home)}
    subprocess.run([sys.executable, "-m", "fluxctl", *words], check=True, capture_output=True, env=environment, cwd=home)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_counting_takes_no_longer_than_a_blink(tmp_path: Path) -> None:
    seconds = [processor_seconds("tokens", "a red fox in snow", home=tmp_path) for _ in range(TRIES)]
    # Two threads of one core slow each other down: then starting Python and Typer alone tells by how much.
    idle = min(processor_seconds("--version", home=tmp_path) for _ in range(TRIES))
    assert min(seconds) <= max(MOST_SECONDS, 5 * idle), seconds


def test_counting_loads_neither_a_model_nor_a_picture_library(tmp_path: Path) -> None:
    code = (
        "import sys; from fluxctl.cli.main import main; from fluxctl.environment import Environment; main(['tokens', 'a'], Environment());"
    )
    code += "sys.exit(bool({'torch', 'transformers', 'PIL', 'httpx', 'sqlite3', 'rich', 'anthropic'} & set(sys.modules)))"
    environment = {**os.environ, "FLUXCTL_HOME": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL).returncode == 0
