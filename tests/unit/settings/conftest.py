"""A person's files and variables, in a folder of their own."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from fluxctl.environment import Environment
from fluxctl.errors import SettingsError
from fluxctl.settings.load import Settings, load_settings


class World:
    """Somebody's config folder, working folder and environment."""

    def __init__(self, folder: Path) -> None:
        self.variables = {"FLUXCTL_HOME": str(folder / "home")}
        self.config = folder / "home" / "config"
        self.work = folder / "work"
        self.config.mkdir(parents=True)
        self.work.mkdir()

    @property
    def environment(self) -> Environment:
        return Environment(
            stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), variables=dict(self.variables), working_folder=self.work
        )

    @property
    def config_yaml(self) -> Path:
        return self.config / "config.yaml"

    def write_yaml(self, text: str) -> None:
        self.config_yaml.write_text(text, encoding="utf-8")

    def write_env(self, text: str, folder: Path | None = None, mode: int = 0o600) -> Path:
        path = (folder or self.config) / "config.env"
        path.write_bytes(text.encode())
        path.chmod(mode)
        return path

    def load(self) -> Settings:
        return load_settings(self.environment)

    def refusal(self) -> SettingsError:
        with pytest.raises(SettingsError) as caught:
            self.load()
        return caught.value


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture(scope="session")
def make_world() -> Callable[[Path], World]:
    """For a property test, which wants a fresh world for each example."""
    return World
