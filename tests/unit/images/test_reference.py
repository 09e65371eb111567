"""Names of images."""

import pytest

from fluxctl.images.reference import parse_reference

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "full", "url"),
    [
        ("debian", "docker.io/library/debian:latest", "https://registry-1.docker.io"),
        ("somebody/fluxctl-pod:1", "docker.io/somebody/fluxctl-pod:1", "https://registry-1.docker.io"),
        ("ghcr.io/somebody/fluxctl-pod:0.1.0", "ghcr.io/somebody/fluxctl-pod:0.1.0", "https://ghcr.io"),
        ("127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b:latest", "http://127.0.0.1:5000"),
        ("localhost/a/b", "localhost/a/b:latest", "http://localhost"),
        (f"ghcr.io/a/b@{DIGEST}", f"ghcr.io/a/b@{DIGEST}", "https://ghcr.io"),
        (f"ghcr.io/a/b:t@{DIGEST}", f"ghcr.io/a/b:t@{DIGEST}", "https://ghcr.io"),
        ("registry.example.com:443/x_y/z--a.b:V_1.2-3", "registry.example.com:443/x_y/z--a.b:V_1.2-3", "https://registry.example.com:443"),
    ],
)
def test_a_name_is_completed_as_docker_does(text: str, full: str, url: str) -> None:
    reference = parse_reference(text)
    assert (str(reference), reference.base_url) == (full, url)
    assert parse_reference(str(reference)) == reference


def test_a_digest_goes_before_a_tag() -> None:
    assert parse_reference(f"ghcr.io/a/b:t@{DIGEST}").version == DIGEST
