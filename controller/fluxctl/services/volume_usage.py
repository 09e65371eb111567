"""Measures in the pod what lies on its volume; `df` there shows the whole storage of the data centre, not the volume."""

import re
import shlex
from dataclasses import dataclass
from typing import Any

from fluxctl.environment import Environment
from fluxctl.errors import NotReadyError, UsageError
from fluxctl.link.remote_output import ran_in_pod
from fluxctl.output.plain import one_line
from fluxctl.pods.volume import NetworkVolume
from fluxctl.services.account import runpod_account
from fluxctl.services.choice import RUNPOD
from fluxctl.services.shell import LivePod, live_pod
from fluxctl.services.volumes import volume_document
from fluxctl.settings.load import Settings

MEASURE_SECONDS = 300.0
"""Network storage needs a millisecond or two for each file."""
NEARLY_FULL = 0.9
_LINE = re.compile(r"(\d+)\t(/.*)")
_DU = "du --dereference-args --one-file-system --block-size=1 --max-depth=1"


@dataclass(frozen=True)
class FolderSize:
    """One folder of the volume, with everything below it."""

    path: str
    size_bytes: int


@dataclass(frozen=True)
class VolumeUsage:
    """What lies on the volume of a pod."""

    pod_id: str
    provider: str
    used_bytes: int
    folders: tuple[FolderSize, ...]
    """Largest first."""
    volume: NetworkVolume | None
    """None: it is no network volume of RunPod's."""
    is_whole: bool
    """Everything could be read."""

    @property
    def size_bytes(self) -> int | None:
        """Return the volume's size; None where nobody says it."""
        return self.volume.size_gb * 10**9 if self.volume else None

    @property
    def words(self) -> str:
        """Return it for people."""
        used = f"{self.used_bytes / 1e9:.2f} GB"
        if self.size_bytes is None or self.volume is None:
            return f"{used} used; {self.provider} says no size for it"
        share = self.used_bytes / self.size_bytes
        return f"{used} of {self.volume.size_gb} GB used ({share:.0%}) on {self.volume.id} in {self.volume.data_center}"

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is worth telling."""
        said = [] if self.is_whole else ["not everything could be read, so more may be used"]
        if self.size_bytes is not None and self.used_bytes > NEARLY_FULL * self.size_bytes:
            said.append("the volume is nearly full; it can grow at https://console.runpod.io/user/storage, never shrink")
        return tuple(said)

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `volume usage --json`."""
        return {
            "pod_id": self.pod_id,
            "provider": self.provider,
            "volume": self.volume and volume_document(self.volume),
            "used_bytes": self.used_bytes,
            "size_bytes": self.size_bytes,
            "folders": [{"path": folder.path, "bytes": folder.size_bytes} for folder in self.folders],
            "whole": self.is_whole,
            "notes": list(self.notes),
        }


def measure_usage(environment: Environment, settings: Settings, *, provider: str) -> VolumeUsage:
    """Given a provider that was chosen, measure the volume of its live pod.

    Raise NotReadyError when nothing lives there or it cannot be measured, UsageError where the pod is this computer.
    """
    live = live_pod(environment, settings, provider)
    if live.remote is None:
        why = "the worker runs on this computer itself: its downloads lie in your own folders"
        raise UsageError(why, hint=f"du -sh {shlex.quote(str(environment.paths.state))}", code="pod_is_here")
    folder = live.remote.volume
    ran = ran_in_pod(environment, live.remote, settings.values.link, [f"{_DU} {shlex.quote(folder)}"], MEASURE_SECONDS)
    sizes = {match[2]: int(match[1]) for line in ran.out.splitlines() if (match := _LINE.fullmatch(line))}
    if folder not in sizes:
        why = f"{folder} could not be measured in the pod: {one_line(ran.err)[:300] or f'du ended with {ran.code}'}"
        raise NotReadyError(why, hint=f"fluxctl ssh -- ls -la {shlex.quote(folder)}", code="measure_failed")
    used = sizes.pop(folder)
    folders = sorted((FolderSize(one_line(path), size) for path, size in sizes.items()), key=lambda folder: -folder.size_bytes)
    volume = _volume(environment, settings, live, provider)
    return VolumeUsage(live.pod.id, provider, used, tuple(folders), volume, ran.code == 0)


def _volume(environment: Environment, settings: Settings, live: LivePod, provider: str) -> NetworkVolume | None:
    """Return the network volume that the pod has, which may be another one than the settings name by now."""
    if provider != RUNPOD:
        return None
    with runpod_account(environment, settings) as api:
        rental = api.rental(live.pod.id)
        if rental is None or rental.volume_id is None:
            return None
        return next((volume for volume in api.volumes() if volume.id == rental.volume_id), None)
