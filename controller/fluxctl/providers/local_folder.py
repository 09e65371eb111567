"""The local pod's place on this computer: its folder, its token and the contract that it was created with."""

import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from fluxctl.errors import ProviderError
from fluxctl.providers.file_trouble import told
from fluxctl.providers.private_file import write_private
from fluxpod.pod_contract import WORKER_TOKEN, ContractError, PodContract, PodPaths
from fluxpod.protocol import JOB_ID_PATTERN

_TOKEN = re.compile(r"[\x21-\x7e]+")
"""What can stand in an HTTP header."""
_JOB_ID = re.compile(JOB_ID_PATTERN)


@dataclass(frozen=True)
class LocalFolder:
    """`state/pods/<id>/`, mode 700; one for each state folder."""

    state: Path

    @property
    def pod_id(self) -> str:
        """Return the local pod's fixed id."""
        return f"local-{hashlib.sha256(os.fsencode(self.state)).hexdigest()[:12]}"

    @property
    def root(self) -> Path:
        """Return the pod's folder."""
        return self.state / "pods" / self.pod_id

    @property
    def paths(self) -> PodPaths:
        """Return the places that worker and watchdog write."""
        return PodPaths(self.root)

    def prepare(self) -> None:
        """Make the folders, closed to others; raise ProviderError when that fails."""
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            log = self.paths.log
            for folder in (self.root.parent, self.root, self.paths.run.parent, self.paths.run, log.parent.parent, log.parent, log):
                folder.mkdir(mode=0o700, exist_ok=True)
                folder.chmod(0o700)
        except OSError as error:
            raise ProviderError(f"the local pod's folder cannot be made: {error}", hint="set FLUXCTL_HOME to another folder") from error

    def is_made(self) -> bool:
        """Return whether the folders were ever made; raise ProviderError when that cannot be known."""
        with told(self.paths.run, "looked at"):
            return self.paths.run.is_dir()

    def token(self) -> str:
        """Return the worker's token; a new one when there is none, when it is damaged, or when others could read it."""
        file = self.root / "token"
        with told(file, "read"), contextlib.suppress(FileNotFoundError):
            if not file.stat().st_mode & 0o077:
                kept = _token_in(file)
                if kept:
                    return kept
        fresh = secrets.token_urlsafe(32)
        write_private(file, fresh)
        return fresh

    def mark_hub_token(self, token: str | None) -> None:
        """Keep what tells whether a worker was started with this token for downloads, and not the token itself."""
        write_private(self.root / "hub_token.mark", self._mark(token) if token else "")

    def hub_token_is(self, token: str) -> bool:
        """Return whether the mark is this token's."""
        try:
            return (self.root / "hub_token.mark").read_bytes() == self._mark(token).encode()
        except OSError:
            return False

    def _mark(self, token: str) -> str:
        return hmac.new(self.token().encode(), token.encode(), hashlib.sha256).hexdigest()

    def left_jobs(self) -> frozenset[str]:
        """Return the ids of jobs that wait, or whose pictures lie there: the worker deletes these once they are at home."""
        jobs = self.paths.jobs
        with told(jobs, "read"):
            names = {file.stem for file in (jobs / "open").glob("*.json")} | {
                file.parent.name for file in (jobs / "pictures").glob("*/*.png")
            }
        return frozenset(name for name in names if _JOB_ID.match(name))

    def write_contract(self, contract: PodContract) -> None:
        """Keep a contract, without its token, which has a file of its own."""
        variables = {name: value for name, value in contract.to_environment().items() if name != WORKER_TOKEN}
        write_private(self.root / "contract.json", json.dumps(variables, indent=2))

    def read_contract(self) -> PodContract:
        """Return the contract of the pod that was created last; raise ContractError when it cannot be read."""
        try:
            variables = json.loads((self.root / "contract.json").read_bytes())
            token = _token_in(self.root / "token")
            return PodContract.from_environment({**variables, WORKER_TOKEN: token})
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ContractError(f"{self.root / 'contract.json'}: {error}") from error


def _token_in(file: Path) -> str:
    """Return the token in a file, nothing where it is damaged; raise OSError."""
    text = file.read_bytes().decode("utf-8", "replace").strip()
    return text if _TOKEN.fullmatch(text) else ""
