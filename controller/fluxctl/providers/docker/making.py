"""Makes a pod's container: image, volume, keys, ports; whatever goes wrong, no half container is left."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import ProviderError
from fluxctl.pods.pod import PodPlan
from fluxctl.pods.progress import Progress, Stage
from fluxctl.providers.base import Report
from fluxctl.providers.docker import labels
from fluxctl.providers.docker.container import HOST, Keys, Ports, contract_for, creation, host_ports, pod_name, volume_name
from fluxctl.providers.docker.engine import Engine
from fluxctl.providers.docker.found import at, listed
from fluxctl.providers.docker.gpu import device_request, uses_gpu
from fluxctl.providers.docker.images import PodImage
from fluxctl.providers.docker.record import Record
from fluxctl.providers.docker.trouble import volume_in_use
from fluxctl.providers.free_ports import free_ports
from fluxctl.providers.pod_keys import PodFolder, PodKeys
from fluxctl.settings.model import Docker

MOST_TRIES = 3
"""A port that was free may be taken by the time the container wants it."""


@dataclass(frozen=True)
class Making:
    """What making a container needs."""

    environment: Environment
    engine: Engine
    settings: Docker
    owner: str

    def make(self, plan: PodPlan, image: PodImage, public_key: str, report: Report) -> str:
        """Make and start a container, and return its name; raise ProviderError with nothing left of it."""
        volume = volume_name(self.settings.volume, self.owner)
        self._require_free(volume)
        api = self.engine.sdk().api
        with self.engine.told(f"the volume {volume} cannot be made"):
            api.create_volume(volume, labels={labels.OWNER: self.owner})
        for left in reversed(range(MOST_TRIES)):
            report(Progress(Stage.STARTING, 0.0, f"a container of {image.reference}"))
            try:
                return self._try(plan, image, public_key, volume)
            except ProviderError as error:
                if error.code != "port_taken" or not left:
                    raise
        raise AssertionError("the last try returns or raises")

    def _try(self, plan: PodPlan, image: PodImage, public_key: str, volume: str) -> str:
        from fluxctl.link.host_key import make_host_key

        pod_id, host_key = pod_name(self.owner, secrets.token_hex(3)), make_host_key()
        keys = Keys(secrets.token_urlsafe(32), host_key.private, public_key)
        ports = host_ports(*free_ports(2)) if self.settings.network == HOST else Ports()
        contract = contract_for(plan, pod_id, self.owner, keys, ports, self.environment.now())
        gpu = uses_gpu(self.settings.gpu, image.labels, self.engine.info)
        body = creation(
            contract,
            image=image.reference,
            volume=volume,
            network=self.settings.network,
            hub_token=plan.hub_token,
            device=device_request(self.engine.info) if gpu else None,
        )
        folder = PodFolder(self.environment.paths.state, pod_id)
        folder.write(PodKeys(keys.worker_token, host_key.public))
        try:
            # On record before it exists: whatever ends this process meanwhile, it will be looked for.
            self._record.note(pod_id)
            self._start(pod_id, body)
        except BaseException:
            # Ctrl-C too: a container that is half made is of no use to anybody.
            self._take_back(pod_id)
            folder.remove()
            raise
        return pod_id

    def _start(self, pod_id: str, body: dict[str, Any]) -> None:
        api = self.engine.sdk().api
        with self.engine.told(f"the container {pod_id} cannot be made"):
            api.create_container_from_config(body, name=pod_id)
        with self.engine.told(f"the container {pod_id} cannot be started"):
            api.start(pod_id)

    def _take_back(self, pod_id: str) -> None:
        """Remove a container that may exist; one that may still do so afterwards stays on record."""
        api = self.engine.sdk().api
        with suppress(ProviderError), self.engine.told(f"the container {pod_id} cannot be removed"):
            with suppress(import_module("docker.errors").NotFound):
                api.remove_container(pod_id, force=True, v=True)
            self._record.note(None)

    @property
    def _record(self) -> Record:
        return Record(self.environment.paths.state)

    def _require_free(self, volume: str) -> None:
        """Raise ProviderError when a running container that is not ours has the volume."""
        running = self.engine.look("/containers/json", {"filters": f'{{"volume": ["{volume}"]}}'})
        for container in listed(running):
            if at(container, "Labels", labels.OWNER) != self.owner:
                names = listed(at(container, "Names"))
                raise volume_in_use(volume, str(names[0] if names else at(container, "Id")).removeprefix("/"))
