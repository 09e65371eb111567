"""Checks what is on this computer: settings, folders, ssh, the ledger, room, Docker, the local worker."""

import importlib.util
import shlex
import shutil
from pathlib import Path

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, ProviderError, SettingsError
from fluxctl.ledger.health import DamagedLedgerError, jobs_in
from fluxctl.ledger.storage import FILE_NAME
from fluxctl.link.identity import MAKE_KEY, find_identity, unlock_hint
from fluxctl.link.ssh_process import not_installed, run
from fluxctl.pictures.places import default_folder
from fluxctl.providers.docker.engine import Engine
from fluxctl.services.choice import DOCKER, LOCAL
from fluxctl.services.doctor.check import Check, failed, ok, skipped, warning
from fluxctl.services.in_time import in_time
from fluxctl.services.provider import open_provider
from fluxctl.settings.load import Settings
from fluxctl.settings.origin import Layer
from fluxctl.settings.places import settings_files
from fluxctl.settings.schema import leaves
from fluxctl.settings.tree import dotted

WORKER_SECONDS = 15.0
"""For a worker on this computer, which answers within milliseconds unless it is stuck."""
NEARLY_FULL_BYTES = 2 * 10**9
FULL_BYTES = 50 * 10**6
"""Below it not even a picture and the ledger are sure to fit."""


def check_settings(settings: Settings | None, problem: FluxctlError | None) -> list[Check]:
    """Given the settings, or why there are none, say so; each line that is not needed any more is named."""
    if problem is not None or settings is None:
        return [failed("settings", problem or SettingsError("they cannot be read"))]
    named = [dotted(path) for path in leaves(settings.values.model_dump())]
    changed = [name for name in named if name in settings.origins and settings.origins[name].layer > Layer.DEFAULTS]
    found = [ok("settings", f"{len(changed)} are yours, the rest are the defaults" if changed else "all are the defaults")]
    return found + [warning("settings", note) for note in settings.notes]


def check_folders(environment: Environment) -> Check:
    """Check that others can neither read nor write where keys and settings lie."""
    paths = environment.paths
    for folder in (paths.config, paths.state):
        if folder.is_dir() and folder.stat().st_mode & 0o022:
            why = f"others on this computer may write into {folder}, and so replace keys and settings"
            return failed("folders", SettingsError(why, hint=f"chmod 700 {shlex.quote(str(folder))}", code="folder_writable"))
    for file in settings_files(environment):
        if file.holds_secrets and file.path.is_file() and file.path.stat().st_mode & 0o077:
            why = f"others on this computer can read {file.path}, which may hold keys"
            return failed("folders", SettingsError(why, hint=f"chmod 600 {shlex.quote(str(file.path))}", code="config_env_readable"))
    for folder in (paths.config, paths.state):
        if folder.is_dir() and folder.stat().st_mode & 0o055:
            return warning("folders", f"others on this computer can look into {folder}", f"chmod 700 {shlex.quote(str(folder))}")
    return ok("folders", f"{paths.config} and {paths.state} are yours alone" if paths.config.is_dir() else f"{paths.config}: not made yet")


def check_ssh(environment: Environment, settings: Settings) -> list[Check]:
    """Check the ssh client and the key that opens a pod."""
    return [_client(environment), _key(environment, settings)]


def _client(environment: Environment) -> Check:
    path = environment.variables.get("PATH")
    for program in ("ssh", "ssh-keygen"):
        if shutil.which(program, path=path) is None:
            return failed("ssh client", not_installed(program))
    try:
        said = run(["ssh", "-V"], environment.variables)
    except FluxctlError as error:
        return failed("ssh client", error)
    return ok("ssh client", (said.err or said.out).strip().partition(",")[0] or "installed")


def _key(environment: Environment, settings: Settings) -> Check:
    try:
        identity = find_identity(environment, settings.values.link, make=False)
    except FluxctlError as error:
        if error.code == "no_key" and settings.values.link.ssh_key is None:
            return warning("ssh key", "there is none yet; fluxctl makes one for the first pod", MAKE_KEY)
        return failed("ssh key", error)
    hint = unlock_hint(identity)
    return (
        warning("ssh key", f"{identity.words} has a passphrase, which the agent must know", hint) if hint else ok("ssh key", identity.words)
    )


def check_docker(environment: Environment, settings: Settings) -> Check:
    """Check Docker, which only `--provider docker` and `make image` need."""
    try:
        version = Engine(environment).version.get("Version", "?")
    except ProviderError as error:
        if settings.values.provider == DOCKER:
            return failed("docker", error)
        return skipped("docker", f"{error.message} (only --provider docker and make image need it)", error.hint)
    return ok("docker", f"version {version}")


def check_ledger(environment: Environment) -> Check:
    """Check that the ledger can be read."""
    file = environment.paths.state / FILE_NAME
    try:
        jobs = jobs_in(file)
    except DamagedLedgerError as error:
        return warning("ledger", error.message, error.hint)
    except FluxctlError as error:
        return failed("ledger", error)
    return ok("ledger", "none yet" if jobs is None else f"{jobs} jobs in {file}")


def check_room(environment: Environment, settings: Settings) -> Check:
    """Check that pictures and records fit on their disks."""
    try:
        pictures = default_folder(environment, settings.values.pictures.folder)
    except FluxctlError as error:
        return failed("disk", error)
    rooms = {folder: shutil.disk_usage(_existing(folder)).free for folder in (pictures, environment.paths.state)}
    folder = min(rooms, key=lambda each: rooms[each])
    words = f"{rooms[folder] / 1e9:.1f} GB free for {folder}"
    look = f"df -h {shlex.quote(str(_existing(folder)))}"
    if rooms[folder] < FULL_BYTES:
        return failed("disk", SettingsError(words, hint=f"{look}; make room", code="disk_full"))
    return warning("disk", words, look) if rooms[folder] < NEARLY_FULL_BYTES else ok("disk", words)


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next((each for each in (folder, *folder.parents) if each.exists()), Path("/"))


def check_local_worker(environment: Environment, settings: Settings) -> Check:
    """Check what pictures on this computer need, and whether a worker that runs here answers."""
    if any(importlib.util.find_spec(name) is None for name in ("torch", "diffusers")):
        return skipped("local worker", "torch and diffusers are not installed: no pictures on this computer", "make demo (in a checkout)")
    try:
        return ok("local worker", in_time(lambda: _worker_words(environment, settings), WORKER_SECONDS, "the local worker"))
    except FluxctlError as error:
        slow = error.code == "unreachable"
        return warning("local worker", error.message, "fluxctl down --provider local" if slow or not error.hint else error.hint)


def _worker_words(environment: Environment, settings: Settings) -> str:
    provider = open_provider(LOCAL, environment, settings)
    pod = provider.find()
    if pod is None:
        return "none runs; fluxctl gen --provider local starts one"
    client = provider.connect(pod)
    try:
        health = client.health()
    finally:
        client.close()
    return f"{health.phase}: {health.model or pod.model}"
