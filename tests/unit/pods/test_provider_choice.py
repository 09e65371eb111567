"""Which provider a command uses."""

import pytest

from fluxctl.errors import UsageError
from fluxctl.services.choice import choose_provider, default_model


@pytest.mark.parametrize(
    ("flag", "setting", "live", "name", "because"),
    [
        ("local", None, (), "local", "as asked"),
        ("docker", "local", ("local",), "docker", "as asked"),
        (None, "docker", ("local",), "docker", "from the settings"),
        (None, None, ("docker", "local"), "docker", "a worker runs there"),
        (None, None, ("local",), "local", "a worker runs there"),
        (None, None, (), "local", "nothing else was asked for"),
    ],
)
def test_the_first_word_about_the_provider_counts(
    flag: str | None, setting: str | None, live: tuple[str, ...], name: str, because: str
) -> None:
    choice = choose_provider(flag, setting, live)
    assert (choice.name, choice.because) == (name, because)


@pytest.mark.parametrize(
    ("flag", "setting", "live", "name", "because"),
    [
        (None, None, (), "runpod", "RUNPOD_API_KEY is set"),
        (None, None, ("local",), "local", "a worker runs there"),
        (None, "docker", (), "docker", "from the settings"),
        ("local", None, ("runpod",), "local", "as asked"),
    ],
)
def test_a_key_chooses_runpod_where_nothing_else_says_anything(
    flag: str | None, setting: str | None, live: tuple[str, ...], name: str, because: str
) -> None:
    choice = choose_provider(flag, setting, live, key_is_set=True)
    assert (choice.name, choice.because) == (name, because)


def test_an_unknown_provider_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="did you mean local"):
        choose_provider("lokal", None, ())
    with pytest.raises(UsageError, match="did you mean docker"):
        choose_provider("dockr", None, ())


def test_a_gpu_makes_flux_the_default_model() -> None:
    assert (default_model(gpu=True), default_model(gpu=False)) == ("FLUX.1-dev", "embedded")
