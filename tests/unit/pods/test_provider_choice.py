"""Which provider a command uses."""

import pytest

from fluxctl.errors import UsageError
from fluxctl.services.choice import PROVIDERS, choose_provider, default_model


@pytest.mark.parametrize(
    ("flag", "setting", "live", "because"),
    [
        ("local", None, (), "as asked"),
        ("local", "local", ("local",), "as asked"),
        (None, "local", (), "from the settings"),
        (None, None, ("local",), "a worker runs there"),
        (None, None, (), "nothing else was asked for"),
    ],
)
def test_the_first_word_about_the_provider_counts(flag: str | None, setting: str | None, live: tuple[str, ...], because: str) -> None:
    choice = choose_provider(flag, setting, live)
    assert (choice.name, choice.because) == ("local", because)


def test_an_unknown_provider_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="did you mean local"):
        choose_provider("lokal", None, ())


def test_every_provider_has_a_default_model() -> None:
    assert {name: default_model(name) for name in PROVIDERS} == {"local": "embedded"}
