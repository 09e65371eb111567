"""Loads as much of RunPod's SDK as sends GraphQL.

All of it takes a second and a half (a serverless worker, a command line, SSH), makes every library of this process log to stderr, and
reads a key from a file of its own. The part takes as long as `requests`.
"""

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from threading import Lock
from types import ModuleType
from typing import Any

PACKAGE = "runpod"
_SENDER = f"{PACKAGE}.api.graphql"
_USED_BY_IT = (f"{PACKAGE}.agent", f"{PACKAGE}.version", f"{PACKAGE}.user_agent", f"{PACKAGE}.error")
_loading = Lock()


class SdkPackage(ModuleType):
    """The SDK's package whose own first module has not run; it runs as soon as anything that only it makes is asked for."""

    def __init__(self, spec: ModuleSpec) -> None:
        super().__init__(PACKAGE)
        self.__spec__, self.__path__ = spec, list(spec.submodule_search_locations or ())
        self.__file__, self.__loader__, self.__package__ = spec.origin, spec.loader, PACKAGE
        self.api_key = None
        """The SDK's global key; every call of ours brings its own."""
        self._begun = False

    def __getattr__(self, name: str) -> Any:
        """Return what the part does not have."""
        loader = None if self._begun or name.startswith("__") or self.__spec__ is None else self.__spec__.loader
        if loader is None:
            raise AttributeError(name)
        self._begun = True
        with _quiet():
            loader.exec_module(self)
        return getattr(self, name)


def sending_module() -> Any:
    """Return the SDK's module that sends GraphQL; raise ImportError when there is no SDK."""
    with _loading, _quiet():
        if PACKAGE not in sys.modules:
            spec = find_spec(PACKAGE)
            if spec is None:
                raise ImportError(PACKAGE)
            sys.modules[PACKAGE] = SdkPackage(spec)
        for name in _USED_BY_IT:
            import_module(name)
        return import_module(_SENDER)


@contextmanager
def _quiet() -> Generator[None]:
    """Keep the root logger as it is: only the sink speaks on stderr."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level
