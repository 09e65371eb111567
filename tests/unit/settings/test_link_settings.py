"""The names that the older tool had for the link are settings, with an origin like any other."""

import pytest


@pytest.mark.parametrize("where", ["environment", "file"])
def test_the_older_names_set_key_and_time_limit(world, where):
    said = {"SSH_KEY": "~/.ssh/pods", "SSH_CONNECT_TIMEOUT": "20"}
    if where == "environment":
        world.variables.update(said)
    else:
        world.write_env("".join(f"{name}={value}\n" for name, value in said.items()))
    settings = world.load()
    assert (settings.values.link.ssh_key, settings.values.link.connect_timeout_seconds) == ("~/.ssh/pods", 20)
    for name, key in (("SSH_KEY", "link.ssh_key"), ("SSH_CONNECT_TIMEOUT", "link.connect_timeout_seconds")):
        assert name in settings.origins[key].text
    assert settings.notes == ()


def test_the_full_name_goes_before_the_older_one(world):
    world.variables.update({"SSH_CONNECT_TIMEOUT": "20", "FLUXCTL_LINK__CONNECT_TIMEOUT_SECONDS": "30"})
    assert world.load().values.link.connect_timeout_seconds == 30


@pytest.mark.parametrize("value", ["0", "91", "soon", "nan", "-3"])
def test_a_time_limit_that_is_none_is_refused_under_the_name_that_was_typed(world, value):
    world.variables["SSH_CONNECT_TIMEOUT"] = value
    error = world.refusal()
    assert "SSH_CONNECT_TIMEOUT" in error.message and "link.connect_timeout_seconds" in error.message
