"""`fluxctl image check` against a registry on this machine."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.registry_server import DOCKER_MANIFEST, Registry, Reply
from tests.support.shell import Shell, Typed

from fluxctl.environment import Environment
from fluxctl.errors import ProviderError
from fluxctl.services.image_check import check_image
from fluxctl.settings.load import load_settings
from fluxpod.protocol import source_hash

NAME = "somebody/fluxctl-pod"


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as server:
        yield server


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, {"HOME": str(tmp_path / "nobody")})


def check(shell: Shell, registry: Registry, tag: str = "1", *more: str) -> Typed:
    return shell.type("image", "check", f"{registry.name}/{NAME}:{tag}", "--json", *more)


def log_in(shell: Shell, registry: Registry) -> str:
    """Give the person a login of Docker's; return the header that it makes."""
    auth = base64.b64encode(b"ada:s3cret-word").decode()
    folder = shell.home / "docker"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"auths": {registry.name: {"auth": auth}}}))
    shell.variables["DOCKER_CONFIG"] = str(folder)
    return f"Basic {auth}"


@pytest.mark.parametrize("kind", [None, DOCKER_MANIFEST])
def test_a_public_image_is_described(shell: Shell, registry: Registry, kind: str | None) -> None:
    labels = {"ai.fluxctl.source-hash": source_hash(), "ai.fluxctl.cuda-floor": "12.8", "org.opencontainers.image.version": "0.1.0"}
    digest = registry.add_image("1", labels=labels, **({"kind": kind} if kind else {}))
    typed = check(shell, registry)
    assert typed.code == 0, typed.err
    said = typed.document
    assert (said["exists"], said["public"], said["digest"], said["platform"]) == (True, True, digest, "linux/amd64")
    assert (said["size_bytes"], said["layers"]) == (3500, 2)
    assert (said["same_code"], said["cuda_floor"], said["version"], said["notes"]) == (True, "12.8", "0.1.0", [])
    words = shell.type("image", "check", f"{registry.name}/{NAME}:1").out
    assert digest in words and "public" in words and "hosts need 12.8 or newer" in words


def test_an_index_leads_to_the_manifest_for_rented_gpus(shell: Shell, registry: Registry) -> None:
    arm, amd = registry.add_image(architecture="arm64"), registry.add_image(labels={"ai.fluxctl.source-hash": "other"})
    index = registry.add_index("1", {"arm64": arm, "amd64": amd})
    said = check(shell, registry).document
    assert (said["digest"], said["platform"], said["same_code"]) == (index, "linux/amd64", False)
    assert any("make push IMAGE=REGISTRY/YOU/fluxctl-pod" in note for note in said["notes"])


def test_a_digest_is_asked_for_and_checked(shell: Shell, registry: Registry) -> None:
    digest = registry.add_image("1")
    typed = shell.type("image", "check", f"{registry.name}/{NAME}@{digest}", "--json")
    assert typed.document["digest"] == digest
    kind, _ = registry.documents[f"manifests/{digest}"]
    registry.documents[f"manifests/{digest}"] = (kind, b'{"layers": [1]}')
    assert "not what the digest stands for" in shell.type("image", "check", f"{registry.name}/{NAME}@{digest}").err


def test_a_configuration_that_is_something_else_is_refused(shell: Shell, registry: Registry) -> None:
    registry.add_image("1")
    for path in [path for path in registry.documents if path.startswith("blobs/")]:
        registry.documents[path] = ("application/json", b"{}")
    assert check(shell, registry).document["error"]["code"] == "registry_broken"


@pytest.mark.parametrize("index", [True, False])
def test_an_image_for_other_processors_is_refused(shell: Shell, registry: Registry, index: bool) -> None:
    arm = registry.add_image("1", architecture="arm64")
    if index:
        registry.add_index("1", {"arm64": arm})
    typed = check(shell, registry)
    assert (typed.code, typed.document["error"]["code"]) == (4, "image_architecture")
    assert "linux/arm64" in typed.err and "make push IMAGE=REGISTRY/YOU/fluxctl-pod PLATFORM=linux/amd64" in typed.err


def test_a_token_is_fetched_where_the_registry_wants_one(shell: Shell, registry: Registry) -> None:
    registry.add_image("1")
    registry.token_for = lambda _given: True
    assert check(shell, registry).document["public"] is True
    assert sum(path.startswith("/token") for path in registry.requests) == 1


def test_what_nobody_is_shown_is_private_or_missing(shell: Shell, registry: Registry) -> None:
    registry.token_for = lambda _given: False
    typed = check(shell, registry)
    assert (typed.code, typed.document["error"]["code"]) == (4, "image_not_visible")
    for words in ("without a login", "private, or it does not exist", f"docker login {registry.name}", "pod.registry_auth_id"):
        assert words in typed.err


def test_a_private_image_is_seen_with_dockers_login_and_needs_one_at_runpod(shell: Shell, registry: Registry) -> None:
    registry.add_image("1")
    expected = log_in(shell, registry)
    registry.token_for = lambda given: given == expected
    typed = check(shell, registry)
    assert (typed.code, typed.document["error"]["code"]) == (3, "image_private")
    assert "pod.registry_auth_id" in typed.err and "s3cret-word" not in typed.err + typed.out
    shell.type("config", "set", "pod.registry_auth_id", "clx123")
    again = check(shell, registry)
    assert (again.code, again.document["public"]) == (0, False)
    assert "clx123" in again.document["notes"][-1]


def test_a_plain_registry_with_a_password_is_asked_with_it(shell: Shell, registry: Registry) -> None:
    registry.add_image("1")
    registry.basic = log_in(shell, registry)
    shell.type("config", "set", "pod.registry_auth_id", "clx123")
    assert check(shell, registry).document["exists"] is True


def test_a_login_that_is_refused_too_is_said(shell: Shell, registry: Registry) -> None:
    log_in(shell, registry)
    registry.token_for = lambda _given: False
    assert "to you" in check(shell, registry).err


def test_a_password_is_never_sent_to_a_realm_in_the_clear(shell: Shell, registry: Registry) -> None:
    log_in(shell, registry)
    registry.basic = "nobody has this"
    registry.challenge = 'Bearer realm="http://evil.example/token",service="x"'
    assert check(shell, registry).document["error"]["code"] == "image_not_visible"


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        (Reply(404, b'{"errors": [{"code": "NAME_UNKNOWN", "message": "repository name not known"}]}'), "image_missing", "not known"),
        (Reply(404, b"<html>nothing here</html>"), "image_missing", "does not exist"),
        (Reply(401), "image_not_visible", "private"),
        (Reply(403, b'{"errors": [{"code": "DENIED"}]}'), "image_not_visible", "private"),
        (Reply(429, b'{"errors": [{"code": "TOOMANYREQUESTS"}]}', {"Retry-After": "60"}), "registry_limit", "in 60 s"),
        (Reply(429), "registry_limit", "later"),
        (Reply(500, b"oops"), "registry_broken", "500"),
        (Reply(503, b'{"errors": [{"message": "maintenance"}]}'), "registry_broken", "maintenance"),
        (Reply(200, b"<!DOCTYPE html><html>log in to the hotel</html>"), "registry_broken", "no JSON"),
        (Reply(200, b"[1, 2]"), "registry_broken", "makes no sense"),
        (Reply(200, b"{}"), "registry_broken", "names no layers"),
        (Reply(200, b'{"manifests": []}'), "image_architecture", "nothing"),
    ],
)
def test_every_other_answer_is_explained(shell: Shell, registry: Registry, reply: Reply, code: str, words: str) -> None:
    registry.instead = reply
    typed = check(shell, registry)
    assert (typed.code, typed.document["error"]["code"]) == (4, code), typed.err
    assert words in typed.err and "→" in typed.err and "Traceback" not in typed.err


def test_a_registry_that_is_silent_is_given_up(shell: Shell, registry: Registry) -> None:
    registry.instead = Reply(200, after_seconds=1.0)
    environment = Environment(variables=shell.variables, working_folder=shell.work)
    with pytest.raises(ProviderError, match=r"does not answer within 0\.2 s"):
        check_image(f"{registry.name}/{NAME}:1", environment, load_settings(environment), timeout_seconds=0.2)


def test_a_registry_that_is_not_there_is_said(shell: Shell) -> None:
    with Registry() as gone:
        name = gone.name
    typed = shell.type("image", "check", f"{name}/{NAME}:1", "--json")
    assert (typed.code, typed.document["error"]["code"]) == (4, "registry_unreachable")


def test_without_a_name_the_setting_is_checked(shell: Shell, registry: Registry) -> None:
    nothing = shell.type("image", "check", "--json")
    assert (nothing.code, nothing.document["error"]["code"]) == (2, "no_image_named")
    assert nothing.document["error"]["hint"].startswith("make push IMAGE=REGISTRY/YOU/fluxctl-pod")
    registry.add_image("1")
    shell.type("config", "set", "pod.image", f"{registry.name}/{NAME}:1")
    assert shell.type("image", "check", "--json").document["reference"] == f"{registry.name}/{NAME}:1"


@pytest.mark.parametrize("name", ["", "UPPER/case", "a b", "x:", "x:t/y", "x@sha256:abc", "http://ghcr.io/x", "../x"])
def test_a_name_that_is_none_is_refused_before_anybody_is_asked(shell: Shell, name: str) -> None:
    typed = shell.type("image", "check", name, "--json")
    assert (typed.code, typed.document["error"]["code"]) == (2, "bad_reference")
