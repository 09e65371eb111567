"""Finds the login that Docker keeps for a registry (`docker login`), in its settings or with a credential helper."""

from importlib import import_module
from pathlib import Path
from typing import Any

from fluxctl.environment import Environment
from fluxctl.images.manifest import under
from fluxctl.images.reference import DOCKER_HUB
from fluxctl.images.registry import Login


def docker_login(registry: str, environment: Environment) -> Login | None:
    """Return the login for a registry, None where Docker keeps none that can be read."""
    folder = Path(environment.variables.get("DOCKER_CONFIG") or environment.home / ".docker")
    file = folder / "config.json"
    if not file.is_file():
        return None
    auth, errors = import_module("docker.auth"), import_module("docker.errors")
    try:
        known: Any = auth.load_config(str(file), credstore_env=dict(environment.variables))
        found: Any = known.resolve_authconfig(None if registry == DOCKER_HUB else registry)
    except errors.DockerException:
        return None
    user, password = _either(found, "username"), _either(found, "password")
    return Login(str(user), str(password)) if user and password else None


def _either(found: object, name: str) -> Any:
    """Return a part of a login; a credential helper writes its name with a capital, Docker's own settings without."""
    return under(found, name) or under(found, name.capitalize())
