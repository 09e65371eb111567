"""Places that cannot hold fluxctl's files are said as such, and only when they are needed."""

from pathlib import Path

import pytest

from fluxctl.environment import Environment
from fluxctl.errors import ProviderError, SettingsError
from fluxctl.providers.local import LocalProvider
from fluxctl.providers.local_folder import LocalFolder
from fluxctl.providers.process_lock import ProcessLock
from fluxctl.services.fallback import settings_or_defaults
from fluxctl.services.follower import hold


def test_a_deleted_current_folder_is_said_only_when_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    environment = Environment(variables={"FLUXCTL_HOME": str(tmp_path)})
    assert environment.paths.state == tmp_path / "state"
    with pytest.raises(SettingsError, match="gone"):
        _ = environment.working_folder
    assert Environment(working_folder=tmp_path).working_folder == tmp_path


def test_the_current_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Environment().working_folder == tmp_path
    assert Environment(variables={"FLUXCTL_HOME": "here"}).paths.state == tmp_path / "here" / "state"


@pytest.mark.parametrize("home", ["~nosuch/x", "/" + "x" * 300, "/" + "/".join(["x" * 100] * 15)])
def test_a_home_that_cannot_be_is_refused_in_few_words(home: str) -> None:
    environment = Environment(variables={"FLUXCTL_HOME": home})
    with pytest.raises(SettingsError, match="FLUXCTL_HOME") as raised:
        _ = environment.paths
    assert len(raised.value.message) < 200
    with pytest.raises(SettingsError, match="FLUXCTL_HOME"):
        settings_or_defaults(environment)


def test_a_home_that_is_a_file_is_said_with_its_path() -> None:
    provider = LocalProvider(Environment(variables={"FLUXCTL_HOME": "/dev/null"}))
    for ask in (provider.find, provider.left_jobs):
        try:
            assert not ask()
        except ProviderError as error:
            assert "/dev/null" in error.message and "FLUXCTL_HOME" in error.hint
    with pytest.raises(ProviderError, match="/dev/null"):
        provider.find()
    with pytest.raises(ProviderError, match="/dev/null"):
        ProcessLock(Path("/dev/null/x")).is_held()


def test_a_followers_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "followers").write_text("in the way")
    with pytest.raises(SettingsError, match="followers"), hold(tmp_path, "name"):
        pass


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\xfd", b"two words"])
def test_a_damaged_token_is_replaced(tmp_path: Path, content: bytes) -> None:
    folder = LocalFolder(tmp_path)
    folder.prepare()
    (folder.root / "token").write_bytes(content)
    (folder.root / "token").chmod(0o600)
    fresh = folder.token()
    assert fresh.isascii() and len(fresh) > 30
    assert folder.token() == fresh


def test_a_token_that_is_a_folder_is_said(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    folder.prepare()
    (folder.root / "token").mkdir(mode=0o700)
    with pytest.raises(ProviderError, match="token cannot be read"):
        folder.token()


def test_jobs_that_were_left_are_told_from_their_files(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    assert folder.left_jobs() == frozenset()
    jobs = folder.paths.jobs
    for name in ("open", f"pictures/{'a' * 32}", f"pictures/{'b' * 32}"):
        (jobs / name).mkdir(parents=True)
    (jobs / "pictures" / ("a" * 32) / "0.png").write_bytes(b"x")
    (jobs / "open" / f"{'c' * 32}.json").write_text("{}")
    (jobs / "open" / "else.json").write_text("{}")
    assert folder.left_jobs() == {"a" * 32, "c" * 32}
