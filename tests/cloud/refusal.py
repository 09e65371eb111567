"""What the platform says when it does not do what it was asked: one cause, worded for GraphQL and for REST."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Wording:
    """How one cause is told."""

    message: str
    code: str
    """`extensions.code` of GraphQL."""
    status: int
    """Of REST; GraphQL answers 200."""


NO_CAPACITY = "no_capacity"
MACHINE_FULL = "machine_full"
NO_FREE_GPUS = "no_free_gpus"
NO_CUDA_HOST = "no_cuda_host"
BALANCE = "balance"
SPENDING_LIMIT = "spending_limit"
NOT_FOUND = "not_found"
VOLUME_NOT_FOUND = "volume_not_found"
RIGHTS = "rights"
WRONG_STATE = "wrong_state"
BROKEN_RULE = "broken_rule"
INTERNAL = "internal"

WORDINGS = {
    NO_CAPACITY: Wording(
        "There are no longer any instances available with the requested specifications. Please refresh and try again.",
        "SUPPLY_CONSTRAINT",
        400,
    ),
    MACHINE_FULL: Wording("This machine does not have the resources to deploy your pod. Please try a different machine", "RUNPOD", 400),
    NO_FREE_GPUS: Wording("There are not enough free GPUs on the host machine to start this pod.", "RUNPOD", 400),
    NO_CUDA_HOST: Wording("No compatible CUDA host is currently available.", "SUPPLY_CONSTRAINT", 400),
    BALANCE: Wording("Your account balance is too low to rent a pod. Please add funds to your account.", "INSUFFICIENT_BALANCE", 402),
    SPENDING_LIMIT: Wording(
        "INSUFFICIENT_BALANCE: Renting this pod would put you over your current spending limit ($80.00/hr)", "INSUFFICIENT_BALANCE", 400
    ),
    NOT_FOUND: Wording("pod not found to terminate", "POD_NOT_FOUND", 404),
    VOLUME_NOT_FOUND: Wording("network volume not found", "BAD_USER_INPUT", 404),
    RIGHTS: Wording("Unauthorized", "FORBIDDEN", 403),
    WRONG_STATE: Wording("this pod cannot do that now", "RUNPOD", 409),
    BROKEN_RULE: Wording("the request breaks a rule", "BAD_USER_INPUT", 400),
    INTERNAL: Wording("Something went wrong. Please try again later or contact support.", "INTERNAL_SERVER_ERROR", 500),
}


@dataclass
class Refusal(Exception):
    """Raised where something is not done."""

    kind: str
    detail: str = ""
    """Other words than the usual ones."""
    errors: tuple[str, ...] = field(default=())

    @property
    def wording(self) -> Wording:
        """Return how it is told."""
        usual = WORDINGS[self.kind]
        return Wording(self.detail or usual.message, usual.code, usual.status)
