"""The labels tell the truth about the checkout, and no password in it."""

import subprocess
from pathlib import Path

import pytest

from fluxpod import protocol
from packing.facts import CHECKOUT, facts, source, source_hash, version


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit."""
    (tmp_path / "file").write_text("one")
    for words in (
        ("init", "--quiet"),
        ("add", "file"),
        ("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "one"),
    ):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    return tmp_path


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/somebody/pod.git", "https://github.com/somebody/pod"),
        ("https://somebody:a-secret@github.com/somebody/pod.git", "https://github.com/somebody/pod"),
        ("git@github.com:somebody/pod.git", "https://github.com/somebody/pod"),
        ("ssh://git@github.com/somebody/pod", "https://github.com/somebody/pod"),
        ("/home/somebody/pod", ""),
        ("file:///home/somebody/pod", ""),
    ],
)
def test_the_repository_is_named_without_who_may_read_it(repository: Path, remote: str, address: str) -> None:
    subprocess.run(["git", "-C", str(repository), "remote", "add", "origin", remote], check=True)
    assert source({}, repository) == address


def test_in_a_workflow_its_own_repository_is_named(repository: Path) -> None:
    assert source({"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b"}, repository) == "https://github.com/a/b"


def test_the_source_hash_is_the_one_that_a_worker_reports() -> None:
    assert source_hash(CHECKOUT) == protocol.source_hash()


def test_the_version_is_the_distributions() -> None:
    assert version() == "0.1.0"


def test_a_changed_checkout_is_no_revision_that_others_have(tmp_path: Path, repository: Path) -> None:
    (repository / "pyproject.toml").write_text('[project]\nversion = "1"\n')
    hashes = repository / "pod_image" / "fluxpod" / "protocol" / "hashes.py"
    hashes.parent.mkdir(parents=True)
    hashes.write_text((CHECKOUT / "pod_image/fluxpod/protocol/hashes.py").read_text())
    assert len(facts({}, repository).revision) == 40
    (repository / "file").write_text("two")
    assert facts({}, repository).revision.endswith("-changed")
