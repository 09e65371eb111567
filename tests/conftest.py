"""The whole test run: no socket beyond this machine, no account, no file of the person who runs it."""

import os
import tempfile
from pathlib import Path

import pytest

GUARD = Path(__file__).parent / "support" / "guard"
LOG = "SOCKET_GUARD_LOG"
OF_THE_TESTS = ("TESTS_NEED_DOCKER", "TEST_POD_IMAGE", "TEST_BASE_IMAGE")
ACCOUNTS = ("RUNPOD_API_KEY", "ANTHROPIC_API_KEY", "HF_TOKEN")

pytest_plugins = ("tests.support.docker_engine",)


def pytest_configure(config: pytest.Config) -> None:
    """Load the guard here and in every Python process that a test starts."""
    for name in [name for name in os.environ if name.startswith("FLUXCTL_") or name in ACCOUNTS]:
        if name in OF_THE_TESTS:
            continue
        del os.environ[name]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(GUARD), os.environ.get("PYTHONPATH"))))
    os.environ["HF_HUB_OFFLINE"] = "1"
    descriptor, os.environ[LOG] = tempfile.mkstemp(prefix="fluxctl-sockets-")
    os.close(descriptor)
    import importlib.util

    loaded = importlib.util.spec_from_file_location("socket_guard", GUARD / "sitecustomize.py")
    if loaded is None or loaded.loader is None:
        raise pytest.UsageError(f"{GUARD} is missing")
    loaded.loader.exec_module(importlib.util.module_from_spec(loaded))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when any process tried to leave this machine."""
    log = Path(os.environ[LOG])
    tried = log.read_text()
    log.unlink()
    if tried:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter = session.config.pluginmanager.getplugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"sockets beyond this machine were tried:\n{tried}", red=True)
