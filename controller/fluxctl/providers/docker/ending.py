"""Ends a pod's container and removes it, and makes sure that it is gone; its volume is never touched."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, NotConfirmedError, ProviderError
from fluxctl.providers.docker.engine import Engine
from fluxctl.providers.docker.found import Found
from fluxctl.providers.pod_keys import PodFolder

END_PATIENCE_SECONDS = 10
"""From SIGTERM to SIGKILL: the entrypoint marks the running job resumable within 5 s."""
GONE_PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Ending:
    """What ending a container needs."""

    environment: Environment
    engine: Engine
    owner: str

    def end(self, pod_id: str) -> None:
        """End a container of this owner, living or not; raise NotConfirmedError when it cannot be known to be gone."""
        try:
            said = self.engine.look(f"/containers/{pod_id}/json")
            if said is not None and Found(said).is_of(self.owner):
                self._remove(pod_id, alive=Found(said).is_alive)
                self._await_gone(pod_id)
        except ProviderError as error:
            why = f"the container {pod_id} cannot be known to be gone: {error.message}"
            raise NotConfirmedError(why, hint=error.hint or "fluxctl down --provider docker", code=error.code) from error
        self.forget(pod_id)

    def end_all(self, pod_ids: Sequence[str]) -> None:
        """End several: one that cannot be ended keeps no other alive; the first error is raised once all were tried."""
        problems: list[FluxctlError] = []
        for pod_id in pod_ids:
            try:
                self.end(pod_id)
            except FluxctlError as error:
                problems.append(error)
        if problems:
            raise problems[0]

    def forget(self, pod_id: str) -> None:
        """Drop the keys of a pod that is gone, and its connection: one that cannot be closed ends by itself without a pod."""
        from fluxctl.link.remote import disconnect

        with suppress(FluxctlError):
            disconnect(self.environment, pod_id)
        PodFolder(self.environment.paths.state, pod_id).remove()

    def _remove(self, pod_id: str, *, alive: bool) -> None:
        api, not_found = self.engine.sdk().api, import_module("docker.errors").NotFound
        conflict = 409  # somebody else is removing it just now
        errors = import_module("docker.errors").APIError
        with self.engine.told(f"the container {pod_id} cannot be ended"):
            try:
                if alive:
                    api.stop(pod_id, timeout=END_PATIENCE_SECONDS)
                api.remove_container(pod_id, force=True, v=True)
            except not_found:
                return
            except errors as error:
                if error.status_code != conflict:
                    raise

    def _await_gone(self, pod_id: str) -> None:
        latest = self.environment.monotonic() + GONE_PATIENCE_SECONDS
        while self.engine.look(f"/containers/{pod_id}/json") is not None:
            if self.environment.monotonic() > latest:
                raise NotConfirmedError(
                    f"the container {pod_id} is still there", hint=f"docker rm -f {pod_id}", code="container_still_there"
                )
            self.environment.sleep(POLL_SECONDS)
