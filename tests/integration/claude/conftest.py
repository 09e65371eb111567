"""A person with a key, and a server that speaks the Messages API on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.messages_server import MessagesServer, messages_server
from tests.support.shell import Shell


@pytest.fixture
def server() -> Iterator[MessagesServer]:
    with messages_server() as server:
        yield server


@pytest.fixture
def person(server: MessagesServer, tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home", dict(server.variables))
