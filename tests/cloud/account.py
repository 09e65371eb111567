"""Whose pods they are, and what a key may do."""

from dataclasses import dataclass, field

ALL, READ, RESTRICTED, POD = "all", "read", "restricted", "pod"
"""Rights of a key: everything; no change; nothing at all; its own pod alone."""


@dataclass
class Volume:
    """A network volume."""

    id: str
    name: str
    size_gb: int
    data_center: str
    kind: str = "STANDARD"


@dataclass
class Account:
    """Somebody's account."""

    id: str
    email: str = "somebody@example.com"
    funds_usd: float = 25.0
    """What was paid in, ever."""
    spend_limit_usd: float = 80.0
    """An hour."""
    public_key: str = ""
    secrets: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    volumes: dict[str, Volume] = field(default_factory=dict[str, Volume])
    registries: dict[str, str] = field(default_factory=dict[str, str])
    """Id of saved credentials → their name."""


@dataclass(frozen=True)
class Key:
    """A key, and what it opens."""

    value: str = field(repr=False)
    account: Account
    rights: str = ALL
    pod_id: str = ""
    """Of a pod-scoped key."""

    @property
    def reads_account(self) -> bool:
        """Whether it may look at the account and at all of its pods."""
        return self.rights in (ALL, READ)

    @property
    def changes(self) -> bool:
        """Whether it may rent, and change what is not its own pod."""
        return self.rights == ALL

    def reaches(self, pod_id: str) -> bool:
        """Whether it may look at this pod of the account."""
        return self.reads_account or (self.rights == POD and pod_id == self.pod_id)

    def ends(self, pod_id: str) -> bool:
        """Whether it may stop and terminate this pod."""
        return self.rights == ALL or (self.rights == POD and pod_id == self.pod_id)
