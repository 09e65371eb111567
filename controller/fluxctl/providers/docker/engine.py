"""The way to this computer's Docker engine: which socket, quick looks over plain HTTP, and the SDK for the rest."""

import json
import os
import shutil
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import ProviderError
from fluxctl.link.connection import import_httpx
from fluxctl.providers.docker.trouble import SocketFacts, is_too_old, no_connection, not_here, refused, too_old

USUAL_SOCKET = "/var/run/docker.sock"
LOOK_SECONDS = 10.0
"""For an engine to answer a question."""
WORK_SECONDS = 120.0
"""For an engine to do something."""


@dataclass
class Engine:
    """One engine. `address` is where it was found before; None: where the person's environment says.

    A look costs 2 ms; the SDK alone takes 0.14 s to import, so that only what changes something loads it.
    """

    environment: Environment
    address: str | None = None
    _clients: list[Any] = field(default_factory=list[Any])

    @cached_property
    def socket(self) -> str:
        """Return the path of its socket; raise ProviderError when it has none on this computer."""
        address = self.address or self._named_address()
        if not address.startswith(("unix://", "/")):
            raise not_here(address)
        return "/" + address.removeprefix("unix://").lstrip("/")

    def look(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Ask a question of the engine's API and return its JSON, None for what is not there; raise ProviderError otherwise."""
        httpx = import_httpx()
        transport = httpx.HTTPTransport(uds=self.socket, verify=False)
        try:
            with httpx.Client(transport=transport, base_url="http://docker", timeout=LOOK_SECONDS, trust_env=False) as client:
                response = client.get(path, params=dict(query or {}))
        except httpx.TimeoutException as error:
            why = f"Docker does not answer on {self.socket}"
            raise ProviderError(why, hint="docker info; if that hangs too: restart Docker", code="docker_silent") from error
        except httpx.RequestError as error:
            raise self._no_connection() from error
        if response.status_code == 404:
            return None
        if response.status_code >= 400:
            raise refused("Docker refused a question", response.text)
        return response.json()

    @cached_property
    def version(self) -> Mapping[str, Any]:
        """Return what the engine says of its version; raise ProviderError when it is too old."""
        found: Mapping[str, Any] = self.look("/version") or {}
        if is_too_old(str(found.get("ApiVersion", ""))):
            raise too_old(str(found.get("Version", "?")))
        return found

    @cached_property
    def info(self) -> Mapping[str, Any]:
        """Return what the engine says of itself: runtimes, devices, processor."""
        return self.look("/info") or {}

    def sdk(self) -> Any:
        """Return the SDK's client of this engine, made once."""
        if not self._clients:
            _ = self.version
            docker = import_module("docker")
            with self.told("Docker cannot be spoken to"):
                self._clients.append(docker.DockerClient(base_url=f"unix://{self.socket}", version="auto", timeout=WORK_SECONDS))
        return self._clients[0]

    @contextmanager
    def told(self, what: str) -> Generator[None]:
        """Given what is done with the SDK, raise ProviderError that says why it failed."""
        errors, requests = import_module("docker.errors"), import_module("requests.exceptions")
        try:
            yield
        except errors.APIError as error:
            raise refused(what, str(error.explanation or error)) from error
        except requests.Timeout as error:
            why = f"{what}: Docker has not answered for {WORK_SECONDS:.0f} s"
            raise ProviderError(why, hint="docker ps, then try again", code="docker_silent") from error
        except requests.ConnectionError as error:
            raise self._no_connection() from error
        except errors.DockerException as error:
            raise refused(what, str(error)) from error

    def close(self) -> None:
        """Close the SDK's connections."""
        while self._clients:
            self._clients.pop().close()

    def _named_address(self) -> str:
        """Return DOCKER_HOST, else what the person's Docker context says, else the usual socket."""
        variables = self.environment.variables
        if variables.get("DOCKER_HOST"):
            return variables["DOCKER_HOST"]
        context = variables.get("DOCKER_CONTEXT") or self._configured_context()
        if context in ("", "default"):
            return USUAL_SOCKET
        api = import_module("docker.context").ContextAPI
        try:
            found: Mapping[str, Any] = api.kwargs_from_context(name=context, environment=dict(variables))
        except import_module("docker.errors").DockerException as error:
            raise ProviderError(f"the Docker context {context} cannot be used: {error}", hint="docker context ls") from error
        if not found.get("base_url"):
            raise ProviderError(f"there is no Docker context {context}", hint="docker context ls", code="docker_context")
        return str(found["base_url"])

    def _configured_context(self) -> str:
        """Return `currentContext` of Docker's own settings, "" if there is none."""
        folder = Path(self.environment.variables.get("DOCKER_CONFIG") or self.environment.home / ".docker")
        try:
            return str(json.loads((folder / "config.json").read_bytes()).get("currentContext") or "")
        except (OSError, ValueError, AttributeError):
            return ""

    def _no_connection(self) -> ProviderError:
        """Return what keeps the engine from being reached."""
        installed = shutil.which("docker", path=self.environment.variables.get("PATH")) is not None
        exists = Path(self.socket).exists()
        return no_connection(SocketFacts(self.socket, exists, os.access(self.socket, os.R_OK | os.W_OK), installed, sys.platform))
