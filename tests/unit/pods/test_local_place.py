"""Where the local pod lies: folder, token, contract and socket."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fluxctl.errors import ProviderError
from fluxctl.link.socket_folder import socket_path
from fluxctl.providers.local_folder import LocalFolder
from fluxpod.pod_contract import ContractError, Limits, PodContract


@pytest.fixture
def folder(tmp_path: Path) -> LocalFolder:
    made = LocalFolder(tmp_path / "state")
    made.prepare()
    return made


@pytest.fixture
def runtime() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rt-", dir="/tmp") as name:
        yield Path(name)


def contract_in(folder: LocalFolder) -> PodContract:
    return PodContract(
        pod_id=folder.pod_id,
        worker_token=folder.token(),
        created_at=1.5,
        model="embedded",
        model_source="embedded",
        end_action="worker",
        root=folder.root,
        socket=Path("/run/x.sock"),
        limits=Limits(idle_timeout_seconds=7.25),
    )


def test_a_home_has_one_pod_and_another_home_another(tmp_path: Path) -> None:
    assert LocalFolder(tmp_path / "a").pod_id == LocalFolder(tmp_path / "a").pod_id
    assert LocalFolder(tmp_path / "a").pod_id != LocalFolder(tmp_path / "b").pod_id


def test_a_contract_is_read_as_it_was_written(folder: LocalFolder) -> None:
    contract = contract_in(folder)
    folder.write_contract(contract)
    assert folder.read_contract() == contract


def test_the_token_stays_and_stands_in_its_own_file(folder: LocalFolder) -> None:
    token = folder.token()
    folder.write_contract(contract_in(folder))
    assert folder.token() == token
    assert token not in (folder.root / "contract.json").read_text()
    assert (folder.root / "token").stat().st_mode & 0o777 == 0o600


def test_a_token_that_others_could_read_is_replaced(folder: LocalFolder) -> None:
    token = folder.token()
    (folder.root / "token").chmod(0o644)
    assert folder.token() != token
    assert (folder.root / "token").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"FLUXPOD_POD_ID": 3}'])
def test_a_damaged_contract_is_told_from_none(folder: LocalFolder, text: str) -> None:
    folder.token()
    (folder.root / "contract.json").write_text(text)
    with pytest.raises(ContractError):
        folder.read_contract()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(ProviderError, match="cannot be made"):
        LocalFolder(tmp_path / "state").prepare()


def test_the_socket_lies_in_the_users_runtime_folder(runtime: Path) -> None:
    path = socket_path({"XDG_RUNTIME_DIR": str(runtime)}, "local-1")
    assert path == runtime / "fluxctl" / "local-1.sock"
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_without_a_usable_runtime_folder_the_socket_lies_in_a_short_private_one(tmp_path: Path, runtime: Path) -> None:
    too_long = tmp_path / ("x" * 90)
    too_long.mkdir(mode=0o700)
    runtime.chmod(0o755)
    for variables in ({}, {"XDG_RUNTIME_DIR": "/no/such"}, {"XDG_RUNTIME_DIR": str(runtime)}, {"XDG_RUNTIME_DIR": str(too_long)}):
        path = socket_path(variables, "local-1")
        assert path == Path("/") / "tmp" / f"fluxctl-{os.getuid()}" / "local-1.sock"
        assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_socket_folder_that_is_a_link_or_open_to_others_is_refused(runtime: Path) -> None:
    elsewhere = runtime / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (runtime / "fluxctl").symlink_to(elsewhere)
    with pytest.raises(ProviderError, match="not a folder that only you can enter"):
        socket_path({"XDG_RUNTIME_DIR": str(runtime)}, "local-1")
    (runtime / "fluxctl").unlink()
    (runtime / "fluxctl").mkdir(mode=0o700)
    (runtime / "fluxctl").chmod(0o755)
    with pytest.raises(ProviderError) as raised:
        socket_path({"XDG_RUNTIME_DIR": str(runtime)}, "local-1")
    assert "XDG_RUNTIME_DIR" in raised.value.hint
