"""Values in a GraphQL document: whatever they hold, they arrive unchanged, and nothing of them becomes a part of the document."""

import pytest
from graphql import parse
from graphql.utilities import value_from_ast_untyped
from hypothesis import given
from hypothesis import strategies as st

from fluxctl.errors import UsageError
from fluxctl.providers.runpod.api import CreateOrder
from fluxctl.providers.runpod.documents import create_pod
from fluxctl.providers.runpod.literal import Bare, literal

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.from_regex(r"\A[_A-Za-z][_0-9A-Za-z]{0,8}\Z"), inner, max_size=4),
    max_leaves=12,
)


def argument(document: str) -> object:
    """Return the value of the only argument of the only field, as a server reads it."""
    (definition,) = parse(document).definitions
    (field,) = definition.selection_set.selections  # pyright: ignore[reportAttributeAccessIssue]
    (given_argument,) = field.arguments
    return value_from_ast_untyped(given_argument.value)


@given(VALUES)
def test_every_value_arrives_unchanged(value):
    assert argument(f"{{ field(input: {literal(value)}) }}") == value


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "\\",
        '\\"',
        '"""',
        "\n",
        "\r\n\t",
        "{}",
        "{{ RUNPOD_SECRET_hf_token }}",
        "$x",
        "#",
        "🦊",
        "é\u2028\u2029\ufeff",
        "\x01\x7f",
        "%s",
    ],
)
def test_what_means_something_to_graphql_means_nothing_in_a_text(text):
    assert argument(f"{{ field(input: {literal(text)}) }}") == text


def test_an_order_with_such_an_environment_is_one_mutation_with_just_that():
    nasty = {"A": '"}]}) { id } podTerminate(input: {podId: "x"}) #', "B": "line\nline=\\", "C": "🦊"}
    order = CreateOrder("name", "image", "NVIDIA L40S", "secure", 60, nasty)
    (definition,) = parse(create_pod(order).text).definitions
    (field,) = definition.selection_set.selections  # pyright: ignore[reportAttributeAccessIssue]
    said = value_from_ast_untyped(field.arguments[0].value)
    assert field.name.value == "podFindAndDeployOnDemand"
    assert said["env"] == [{"key": name, "value": value} for name, value in nasty.items()]


@pytest.mark.parametrize("broken", ["secret \ud83d", "\udc00", "a\0b"])
def test_what_is_no_text_is_refused_by_its_place_and_not_shown(broken):
    with pytest.raises(UsageError, match=r"env\[0\]\.value") as caught:
        literal({"env": [{"value": broken}]}, "order")
    assert "secret" not in caught.value.message
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), b"bytes", {"not a name": 1}, Bare("SECURE) {")])
def test_what_graphql_cannot_carry_is_refused(value):
    with pytest.raises(UsageError):
        literal(value)


def test_a_member_of_an_enum_has_no_quotes():
    assert literal({"cloudType": Bare("SECURE")}) == "{cloudType: SECURE}"
