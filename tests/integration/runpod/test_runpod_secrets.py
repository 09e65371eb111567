"""No secret of a pod, and no key, in any message, log, repr or traceback, whatever goes wrong on either way."""

import contextlib
import io
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator

import pytest
import requests
from tests.integration.runpod.conftest import order

from fluxctl.errors import FluxctlError
from fluxctl.providers.runpod.hidden import Hidden

TOKEN, HOST_KEY = "hf_TheHubTokenOfThePod", "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0LW9mLXRoZS1ob3N0\n-----END"
ENVIRONMENT = {"HF_TOKEN": TOKEN, "FLUXPOD_HOST_KEY": HOST_KEY, "FLUXPOD_WORKER_TOKEN": "token-of-the-worker"}
PARTS = (TOKEN, "c2VjcmV0LW9mLXRoZS1ob3N0", "token-of-the-worker")


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and everything that hangs on it."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        found = waiting.pop()
        if id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting += [other for other in (found.__cause__, found.__context__) if other is not None]


def shown(error: BaseException) -> str:
    """Return everything of an error that anything could print: texts, attributes, and the names of every frame of ours."""
    written = io.StringIO()
    for found in chain(error):
        print(repr(found), str(found), found.args, vars(found), file=written)
        report = traceback.TracebackException.from_exception(found, capture_locals=True)
        for frame in report.stack:
            if "/tests/" not in frame.filename and "_pytest" not in frame.filename:
                print(frame, frame.locals, file=written)
    return written.getvalue()


def asked_with(api, what):
    wanted = order(environment=ENVIRONMENT)
    return {"create": lambda: api.create(wanted), "list": api.rentals, "get": lambda: api.rental("somepod")}[what]()


@pytest.mark.parametrize(
    "fault", ["timeout", "reset", "cut", "500", "html", "errors", "null", "no_capacity", "balance", "401", "403", "429"]
)
@pytest.mark.parametrize("on", ["create", "list", "get"])
def test_whatever_fails_nothing_of_a_pod_or_key_is_shown(api, server, on, fault, caplog):
    caplog.set_level(logging.DEBUG)
    made = api.create(order(name="fluxctl-0a1b2c3d-99998888", environment=ENVIRONMENT))
    assert made.environment["HF_TOKEN"] == TOKEN
    server.fault(on, fault, times=None)
    with pytest.raises(FluxctlError) as caught:
        asked_with(api, on)
    everything = shown(caught.value) + caplog.text + repr(made) + repr(api)
    for secret in (*PARTS, server.key):
        assert secret not in everything


def test_a_server_that_repeats_the_request_is_not_repeated(api, server):
    server.fault(
        "create", "errors", message=f'Syntax Error: unexpected "{TOKEN}" near {HOST_KEY} for key {server.key}', code="BAD_USER_INPUT"
    )
    with pytest.raises(FluxctlError) as caught:
        api.create(order(environment=ENVIRONMENT))
    for secret in (*PARTS, server.key):
        assert secret not in shown(caught.value)


def test_ctrl_c_in_the_middle_of_an_order_shows_nothing_either(api, server, monkeypatch, transport):
    def interrupted(*_given, **_named):
        raise KeyboardInterrupt

    if transport == "graphql":
        monkeypatch.setattr(requests.Session, "post", interrupted)
    else:
        import httpx

        monkeypatch.setattr(httpx.Client, "stream", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        api.create(order(environment=ENVIRONMENT))
    for secret in (*PARTS, server.key):
        assert secret not in shown(caught.value)


def test_an_order_shows_no_environment():
    assert TOKEN not in repr(order(environment=ENVIRONMENT))
    assert repr(Hidden([TOKEN])) == "Hidden()"


def test_one_line_of_a_key_is_hidden_too():
    assert "c2VjcmV0" not in Hidden([HOST_KEY]).clean("Syntax Error: unexpected c2VjcmV0LW9mLXRoZS1ob3N0")


def test_words_that_sound_like_secrets_are_hidden_also_when_nobody_named_them():
    cleaned = Hidden().clean("bad token hf_abcdefghijk and rpa_ABCDEFGHIJ here")
    assert "hf_abc" not in cleaned
    assert "rpa_ABC" not in cleaned


def test_the_sdk_s_own_key_file_is_never_used(tmp_path, server):
    home = tmp_path / "somebody"
    (home / ".runpod").mkdir(parents=True)
    (home / ".runpod" / "config.toml").write_text('[default]\napi_key = "rpa_of_another_account"\n')
    code = """
import sys
from fluxctl.environment import Environment
from fluxctl.providers.runpod.api import open_api
from fluxctl.settings.load import load_settings
environment = Environment()
print(open_api(environment, load_settings(environment)).account().id)
import logging
assert not logging.getLogger().handlers, "the SDK makes every library log to stderr"
"""
    variables = {**os.environ, **server.exports(), "HOME": str(home), "FLUXCTL_HOME": str(tmp_path / "fluxctl")}
    path = os.pathsep.join([*(entry for entry in sys.path if entry), variables.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code], env={**variables, "PYTHONPATH": path}, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "user_2cloud"), done.stderr
    assert done.stderr == ""


def test_opening_the_way_loads_neither_the_sdk_nor_httpx(tmp_path):
    code = """
import sys
from fluxctl.environment import Environment
from fluxctl.providers.runpod.api import open_api
from fluxctl.settings.load import load_settings
environment = Environment()
open_api(environment, load_settings(environment)).close()
print(sorted({"runpod", "httpx", "requests", "aiohttp"} & set(sys.modules)))
"""
    variables = {**os.environ, "RUNPOD_API_KEY": "rpa_key", "FLUXCTL_HOME": str(tmp_path)}
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-c", code], env={**variables, "PYTHONPATH": path}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_nothing_is_printed_while_something_fails(api, server, capfd):
    server.fault("list", "html", times=None)
    with contextlib.suppress(FluxctlError):
        api.rentals()
    assert capfd.readouterr() == ("", "")
