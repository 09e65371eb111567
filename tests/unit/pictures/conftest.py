"""What every test of pictures starts from."""

from pathlib import Path

import pytest
from tests.support.pictures import a_user

from fluxctl.environment import Environment


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """A user whose files all lie under one folder."""
    return a_user(tmp_path)
