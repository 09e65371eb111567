"""Remembers which container was used last, so that commands that use none never ask Docker."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fluxctl.errors import ProviderError
from fluxctl.providers.file_trouble import told
from fluxctl.providers.private_file import write_private


@dataclass(frozen=True)
class Record:
    """`state/pods/docker.json`, and the lock beside it."""

    state: Path

    @property
    def lock(self) -> Path:
        """Locked by the one who makes or ends a container; its folder is made."""
        self.prepare()
        return self.state / "pods" / "docker.lock"

    def prepare(self) -> None:
        """Make the folder, closed to others; raise ProviderError when that fails."""
        try:
            self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.state / "pods").mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            why = f"{self.state / 'pods'} cannot be made: {error.strerror}"
            raise ProviderError(why, hint="set FLUXCTL_HOME to another folder", code="state_folder") from error

    @property
    def _file(self) -> Path:
        return self.state / "pods" / "docker.json"

    def pod_id(self) -> str | None:
        """Return the container that was used last and not ended; None: there is none, as far as is known here."""
        with told(self._file, "read"):
            try:
                said = json.loads(self._file.read_bytes())
            except FileNotFoundError:
                return None
            except ValueError:
                return ""  # damaged: whoever lives has to be looked for
        pod_id = cast("dict[str, object]", said).get("pod_id") if isinstance(said, dict) else ""
        return pod_id if pod_id is None or isinstance(pod_id, str) else ""

    def note(self, pod_id: str | None) -> None:
        """Note the container that is used now; None: none."""
        if pod_id != self.pod_id():
            self.prepare()
            write_private(self._file, json.dumps({"pod_id": pod_id}))
