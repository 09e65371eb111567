"""Setting variables in a config.env: everything else stays letter for letter, and what was set is read back the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxctl.errors import SettingsError
from fluxctl.settings import env_file
from fluxctl.settings.env_edit import with_variables
from fluxctl.settings.origin import Layer


def read(text: str) -> dict[str, str]:
    return {entry.name: entry.value for entry in env_file.parsed(text, "config.env", Layer.USER_CONFIG_ENV)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "HF_TOKEN=hf_1\n"),
        ("# mine\n", "# mine\nHF_TOKEN=hf_1\n"),
        ("A=1", "A=1\nHF_TOKEN=hf_1\n"),
        ("HF_TOKEN=old\nA=1\n", "HF_TOKEN=hf_1\nA=1\n"),
        ("  export HF_TOKEN = 'old' # until spring\n", "  export HF_TOKEN = hf_1  # until spring\n"),
        ('HF_TOKEN="o#l\\"d"  # why\n', "HF_TOKEN=hf_1  # why\n"),
        ("HF_TOKEN=\n", "HF_TOKEN=hf_1\n"),
        ("HF_TOKEN=a\nHF_TOKEN=b\n", "HF_TOKEN=a\nHF_TOKEN=hf_1\n"),
        ("# HF_TOKEN=\n", "# HF_TOKEN=\nHF_TOKEN=hf_1\n"),
        ("A=1\r\nHF_TOKEN=old\r\n", "A=1\r\nHF_TOKEN=hf_1\r\n"),
        ("A=1\r\n", "A=1\r\nHF_TOKEN=hf_1\r\n"),
        ("MY_HF_TOKEN_2=x\n", "MY_HF_TOKEN_2=x\nHF_TOKEN=hf_1\n"),
    ],
)
def test_one_line_changes_and_the_rest_stays(before: str, after: str) -> None:
    assert with_variables(before, {"HF_TOKEN": "hf_1"}, "config.env") == after


VALUES = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\u2028\u2029\x85"), min_size=1).filter(
    lambda text: text == text.strip()
)


@given(VALUES, st.sampled_from(["", "# a\n", "X='1'\n", "HF_TOKEN=old # c\n"]))
def test_what_was_set_is_read_back(value: str, before: str) -> None:
    after = with_variables(before, {"HF_TOKEN": value}, "config.env")
    assert read(after) == {**read(before), "HF_TOKEN": value}
    assert all(line in after for line in before.splitlines() if not line.startswith("HF_TOKEN"))


@pytest.mark.parametrize("value", ["a\nRUNPOD_API_KEY=stolen", "\nb"])
def test_a_value_that_no_line_holds_is_refused_without_repeating_it(value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        with_variables("A=1\n", {"HF_TOKEN": value}, "config.env")
    assert "HF_TOKEN" in raised.value.message and "stolen" not in raised.value.message


def test_a_file_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"config\.env:1"):
        with_variables("sk-ant-something\n", {"HF_TOKEN": "x"}, "config.env")
