"""A user with a home of their own and an empty ledger, for the tests that want one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.pictures import a_user

from fluxctl.environment import Environment
from fluxctl.ledger import Ledger


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return a_user(tmp_path)


@pytest.fixture
def ledger(environment: Environment) -> Iterator[Ledger]:
    with Ledger.open(environment) as opened:
        yield opened
