"""`fluxctl tokens` as a process: it is quick, for it starts nothing and loads no model."""

import os
import resource
import subprocess
import sys
from pathlib import Path

MOST_SECONDS = 0.3
LIBRARIES = "import pydantic, tokenizers, typer, yaml; from pydantic import BaseModel, TypeAdapter"
TRIES = 7


def processor_seconds(*words: str, home: Path) -> float:
    """Start Python and return the least processor time that it took, which other processes do not change as much as the clock."""
    environment = {**os.environ, "FLUXCTL_HOME": str(home)}

    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *words], check=True, capture_output=True, env=environment, cwd=home)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return min(once() for _ in range(TRIES))


def test_counting_takes_no_longer_than_a_blink(tmp_path: Path) -> None:
    seconds = processor_seconds("-m", "fluxctl", "tokens", "a red fox in snow", home=tmp_path)
    # On a busy machine everything is slower: then the libraries alone tell by how much.
    libraries = processor_seconds("-c", LIBRARIES, home=tmp_path)
    assert seconds <= max(MOST_SECONDS, 3 * libraries), (seconds, libraries)


def test_counting_loads_neither_a_model_nor_a_picture_library(tmp_path: Path) -> None:
    code = (
        "import sys; from fluxctl.cli.main import main; from fluxctl.environment import Environment; main(['tokens', 'a'], Environment());"
    )
    code += "sys.exit(bool({'torch', 'transformers', 'PIL', 'httpx', 'sqlite3', 'rich', 'anthropic'} & set(sys.modules)))"
    environment = {**os.environ, "FLUXCTL_HOME": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL).returncode == 0
