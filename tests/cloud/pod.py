"""A pod of the platform: how it was ordered, where it was put, and what is known of it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.cloud.account import Account
from tests.cloud.catalog import GpuKind

RUNNING, EXITED, TERMINATED = "RUNNING", "EXITED", "TERMINATED"


@dataclass(frozen=True)
class Order:
    """What somebody wants to rent, in the words of neither API."""

    name: str
    image: str
    gpu_types: tuple[str, ...]
    clouds: tuple[str, ...]
    gpu_count: int = 1
    data_centers: tuple[str, ...] = ()
    volume_id: str | None = None
    mount_path: str = ""
    volume_gb: int = 0
    disk_gb: int = 10
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    ports: tuple[str, ...] = ()
    arguments: str = ""
    cuda_floor: str | None = None
    cuda_allowed: tuple[str, ...] = ()
    registry_id: str | None = None
    public_ip: bool = True
    price_limit_usd: float | None = None
    terminate_after: str | None = None
    """Kept and never looked at: that is what the platform does."""


@dataclass
class Life:
    """What is to become of a simulated pod; what the other tiers do by themselves is left to them."""

    schedule_seconds: float = 1.0
    """Until a host was found."""
    pull_seconds: float = 20.0
    """Until the image is there; `runtime` is null so long."""
    port_seconds: float = 2.0
    """From the container's start until its ports show."""
    gives_port: bool = True
    """False: a host that never gives one."""
    pull_error: str = ""
    """The system log repeats it for ever, every 15 s."""
    exits_after_seconds: float | None = None
    """Since the start: EXITED, with `exit_words`."""
    exit_words: str = "Exited by Runpod"
    restarts_every_seconds: float | None = None
    """The main process ends so often, and is started again."""
    old_port_seconds: float = 0.0
    """After it was started again, the old address shows so long."""
    stale_seconds: float = 5.0
    """After a stop, the runtime of before shows so long."""
    stop_shows_after_seconds: float = 0.0
    """Accepted at once, seen later."""
    gone_shows_after_seconds: float = 2.0
    """Terminated at once, listed as TERMINATED so long."""
    ignored_ends: int = 0
    """So many stops and terminations are accepted, and do nothing."""
    runtime_hidden: bool = False
    """The platform has lost sight of the container, which runs."""
    host_taken: bool = False
    """Once it is stopped, somebody else gets the GPU: it does not start again."""


@dataclass
class CloudPod:
    """One pod."""

    id: str
    account: Account
    order: Order
    kind: GpuKind
    cloud: str
    data_center: str
    price_per_hour_usd: float
    created_at: float
    key: str = field(repr=False)
    """Pod-scoped: it ends this pod alone."""
    life: Life = field(default_factory=Life)
    desired: str = RUNNING
    words: str = ""
    """`lastStatusChange`."""
    started_at: float = 0.0
    stopped_at: float | None = None
    gone_at: float | None = None
    starts: int = 0
    restarts_asked: int = 0
    last_ssh: tuple[str, int] | None = None
    """Where sshd was reached before the last stop."""
    replaced: dict[str, str] = field(default_factory=dict[str, str])
    """Variables that this computer needs otherwise than they were ordered; the API tells these."""

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables as the API tells them: without what the platform adds, references to secrets unresolved."""
        return {**self.order.environment, **self.replaced}

    @property
    def name(self) -> str:
        """Return its name."""
        return self.order.name

    @property
    def host_id(self) -> str:
        """Return the name under which the platform's own SSH proxy knows it."""
        return f"{self.id}-64411{len(self.id):03x}"

    def ignores_an_end(self) -> bool:
        """Return whether a stop or a termination that was accepted does nothing."""
        if self.life.ignored_ends <= 0:
            return False
        self.life.ignored_ends -= 1
        return True

    def shows(self, now: float) -> bool:
        """Return whether the APIs still tell of it."""
        return self.gone_at is None or now < self.gone_at + self.life.gone_shows_after_seconds

    def variables(self, ssh_port: int, server: Mapping[str, str]) -> dict[str, str]:
        """Return the environment that the container gets: given its public port of 22, and how it reaches this server."""
        resolved = {name: self._resolved(value) for name, value in self.environment.items()}
        return {
            **resolved,
            **server,
            "RUNPOD_POD_ID": self.id,
            "RUNPOD_API_KEY": self.key,
            "RUNPOD_DC_ID": self.data_center,
            "RUNPOD_POD_HOSTNAME": self.host_id,
            "RUNPOD_GPU_COUNT": str(self.order.gpu_count),
            "RUNPOD_CPU_COUNT": "8",
            "RUNPOD_PUBLIC_IP": "127.0.0.1",
            "RUNPOD_TCP_PORT_22": str(ssh_port),
            **({"RUNPOD_VOLUME_ID": self.order.volume_id} if self.order.volume_id else {}),
        }

    def _resolved(self, value: str) -> str:
        for name, secret in self.account.secrets.items():
            value = value.replace("{{ RUNPOD_SECRET_" + name + " }}", secret)
        return value


def date_words(now: float) -> str:
    """Return a moment as the platform writes it into `lastStatusChange`."""
    return time.strftime("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)", time.gmtime(now))


def moment(now: float | None) -> str | None:
    """Return a moment as RFC 3339 writes it."""
    if now is None:
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
