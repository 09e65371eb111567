"""What `make image` was asked for is understood, or refused with what to type."""

import pytest

from packing.problem import Problem
from packing.wish import CPU_INDEX, read_wish


def test_without_a_word_it_is_the_image_for_pods() -> None:
    wish = read_wish({})
    assert (wish.reference, wish.torch, wish.platform, wish.torch_index) == ("fluxctl-pod:0.1.0", "cuda", "linux/amd64", "")
    assert wish.base_image == "python:3.11-slim-bookworm"


def test_the_build_for_processors_is_found_by_the_same_name_and_takes_torch_from_where_that_build_lies() -> None:
    wish = read_wish({"TORCH": "cpu"})
    assert wish.reference == "fluxctl-pod:0.1.0" and wish.torch_index == CPU_INDEX


def test_an_empty_index_is_none() -> None:
    assert read_wish({"TORCH": "cpu", "TORCH_INDEX": ""}).torch_index == ""


@pytest.mark.parametrize(
    "variables",
    [
        {"TORCH": "rocm"},
        {"IMAGE": "ghcr.io/me/pod:1"},
        {"IMAGE": "GHCR.io/Me"},
        {"TAG": "a b"},
        {"TAG": "x" * 129},
        {"TORCH_INDEX": "https://me:word@example.org/whl"},
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_type(variables: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        read_wish(variables)
    assert next(iter(variables)) in str(refused.value) and refused.value.hint.startswith("make image")
    assert "word" not in str(refused.value).replace("password", "")


@pytest.mark.parametrize(
    ("image", "registry"),
    [("ghcr.io/me/pod", "ghcr.io"), ("me/pod", ""), ("localhost:5000/pod", "localhost:5000"), ("localhost/pod", "localhost"), ("pod", "")],
)
def test_the_registry_is_read_from_the_name(image: str, registry: str) -> None:
    assert read_wish({"IMAGE": image}).registry == registry
