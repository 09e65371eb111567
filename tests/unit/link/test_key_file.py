"""SSH keys on disk: whose they are, whether they are safe, which one is taken."""

import os
import subprocess
from pathlib import Path

import pytest

from fluxctl.environment import Environment
from fluxctl.errors import ExitCode, ProviderError
from fluxctl.link import key_file
from fluxctl.link.errors import KeyFileError
from fluxctl.link.host_key import checked_host_key, make_host_key
from fluxctl.link.identity import find_identity, own_key
from fluxctl.link.key_file import fingerprint, public_key, read_private_key
from fluxctl.link.user_config import parsed


class Settings:
    """What names a key."""

    def __init__(self, ssh_key: str | None = None) -> None:
        self.ssh_key = ssh_key


def made(path: Path, *options: str, passphrase: str = "") -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-N", passphrase, "-f", str(path), *(options or ("-t", "ed25519"))], check=True)
    return " ".join(path.with_name(f"{path.name}.pub").read_text().split()[:2])


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "FLUXCTL_HOME": str(tmp_path / "home")}
    return Environment(variables=variables, working_folder=tmp_path)


@pytest.mark.parametrize(
    "options", [("-t", "ed25519"), ("-t", "ecdsa"), ("-t", "rsa", "-b", "1024"), ("-t", "rsa", "-b", "1024", "-m", "PEM")], ids=str
)
def test_the_public_half_is_read_from_the_private_file(tmp_path: Path, options: tuple[str, ...]) -> None:
    public = made(tmp_path / "key", *options)
    (tmp_path / "key.pub").unlink()
    found = read_private_key(tmp_path / "key", os.environ)
    assert (found.public_key, found.needs_passphrase) == (public, False)
    listed = subprocess.run(["ssh-keygen", "-l", "-f", str(tmp_path / "key")], check=True, capture_output=True, text=True)
    assert fingerprint(public) in listed.stdout


def test_a_letter_that_cannot_stand_in_a_key_makes_it_none(tmp_path: Path) -> None:
    made(tmp_path / "key")
    (tmp_path / "key.pub").unlink()
    text = (tmp_path / "key").read_text()
    (tmp_path / "key").write_text(text.replace("b3Blb", "b3\u00e4lb"))
    with pytest.raises(KeyFileError, match=r"the public half of .* cannot be told"):
        read_private_key(tmp_path / "key", os.environ)


@pytest.mark.parametrize("form", [(), ("-t", "rsa", "-b", "1024", "-m", "PEM")], ids=["openssh", "pem"])
def test_a_passphrase_is_seen_without_knowing_it(tmp_path: Path, form: tuple[str, ...]) -> None:
    public = made(tmp_path / "key", *form, passphrase="many words")
    found = read_private_key(tmp_path / "key", os.environ)
    assert (found.public_key, found.needs_passphrase) == (public, True)


def test_an_older_key_with_a_passphrase_and_no_public_file_is_said_with_what_to_type(tmp_path: Path) -> None:
    made(tmp_path / "key", "-t", "rsa", "-b", "1024", "-m", "PEM", passphrase="many words")
    (tmp_path / "key.pub").unlink()
    with pytest.raises(KeyFileError) as raised:
        read_private_key(tmp_path / "key", os.environ)
    assert raised.value.hint.startswith("ssh-keygen -y -f")


@pytest.mark.parametrize("text", ["", "PuTTY-User-Key-File-3: ssh-ed25519\n", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END\n"])
def test_what_is_no_key_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(text)
    with pytest.raises(KeyFileError, match=str(path)) as raised:
        read_private_key(path, os.environ)
    assert raised.value.exit_code == ExitCode.SETTINGS and raised.value.hint


def test_a_folder_and_an_unreadable_name_are_no_keys(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(KeyFileError):
            read_private_key(path, os.environ)


def test_a_key_on_a_windows_drive_is_refused_with_where_to_copy_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path / "key")
    monkeypatch.setattr(key_file, "mounts", lambda: [("/", "ext4 rw"), (str(tmp_path), "9p rw,aname=drvfs")])
    with pytest.raises(KeyFileError, match="Windows drive") as raised:
        read_private_key(tmp_path / "key", os.environ)
    assert raised.value.hint.startswith(f"cp {tmp_path}/key ~/.ssh/key && chmod 600")


def test_the_named_key_goes_before_every_other(environment: Environment, tmp_path: Path) -> None:
    made(tmp_path / ".ssh" / "id_ed25519")
    made(own_key(environment))
    named = made(tmp_path / "named")
    assert find_identity(environment, Settings("~/named"), make=False).public_key == named


def test_the_key_that_fluxctl_made_goes_before_those_of_the_person(environment: Environment, tmp_path: Path) -> None:
    made(tmp_path / ".ssh" / "id_ed25519")
    own = made(own_key(environment))
    assert find_identity(environment, Settings(), make=False).public_key == own


def test_a_key_of_the_person_that_needs_no_question_is_taken(environment: Environment, tmp_path: Path) -> None:
    made(tmp_path / ".ssh" / "id_rsa", "-t", "rsa", "-b", "1024", passphrase="many words")
    free = made(tmp_path / ".ssh" / "id_ed25519")
    found = find_identity(environment, Settings(), make=True)
    assert (found.public_key, found.private_key) == (free, tmp_path / ".ssh" / "id_ed25519")


def test_a_key_that_is_open_to_others_is_not_passed_over_in_silence(environment: Environment, tmp_path: Path) -> None:
    made(tmp_path / ".ssh" / "id_ed25519")
    (tmp_path / ".ssh" / "id_ed25519").chmod(0o644)
    with pytest.raises(KeyFileError, match="others on this computer can read it"):
        find_identity(environment, Settings(), make=True)


def test_without_any_key_it_is_said_how_to_make_one_and_one_is_made_on_request(environment: Environment) -> None:
    with pytest.raises(KeyFileError, match="no SSH key that opens a pod") as raised:
        find_identity(environment, Settings(), make=False)
    assert raised.value.hint == "fluxctl ssh --make-key"
    found = find_identity(environment, Settings(), make=True)
    assert found.private_key == own_key(environment)
    assert own_key(environment).stat().st_mode & 0o777 == 0o600 and own_key(environment).parent.stat().st_mode & 0o777 == 0o700
    assert find_identity(environment, Settings(), make=True) == found, "a second time it is there"


def test_a_named_key_that_is_missing_is_made_where_it_was_named(environment: Environment, tmp_path: Path) -> None:
    found = find_identity(environment, Settings("~/keys/mine"), make=True)
    assert found.private_key == tmp_path / "keys" / "mine"


def test_the_public_half_alone_names_a_key_of_the_agent(environment: Environment, tmp_path: Path) -> None:
    public = made(tmp_path / "token")
    (tmp_path / "token").unlink()
    for name in ("token", "token.pub"):
        found = find_identity(environment, Settings(str(tmp_path / name)), make=False)
        assert (found.private_key, found.public_key) == (None, public)


def test_host_keys_are_made_in_pairs_and_differ() -> None:
    one, other = make_host_key(), make_host_key()
    assert one.public != other.public and one.private not in repr(one)
    assert checked_host_key(f"{one.public} a comment") == one.public
    assert "OPENSSH PRIVATE KEY" in one.private


@pytest.mark.parametrize("line", ["", "ssh-rsa AAAA", "ssh-ed25519 AAAA", "fluxctl ssh-ed25519 AAAA", "ssh-ed25519 " + "!" * 68])
def test_what_is_no_host_key_is_refused(line: str) -> None:
    with pytest.raises(ProviderError, match="damaged"):
        checked_host_key(line)


def test_a_public_key_is_found_behind_options_and_without_its_comment() -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    assert public_key(f"{key} somebody@laptop\n") == key
    assert public_key(f"# a comment\n{key}\n") == key
    assert public_key("nothing here") is None


def test_what_ssh_says_of_the_users_configuration_is_understood() -> None:
    said = [("identityfile", "~/.ssh/work"), ("identityfile", "%d/k"), ("identityfile", "none"), ("identityagent", "/run/agent")]
    config = parsed([*said, ("knownhostscommand", "/bin/vouch %H")], Path("/home/ada"))
    assert config.identity_files == (Path("/home/ada/.ssh/work"), Path("/home/ada/k"))
    assert config.agent == "/run/agent" and config.known_hosts_command
    assert parsed([("identityagent", "SSH_AUTH_SOCK")], Path("/")).agent is None
