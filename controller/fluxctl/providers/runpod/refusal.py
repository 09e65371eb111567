"""Puts a trouble with RunPod into one of our errors, with what to type next."""

from collections.abc import Callable

from fluxctl.errors import FluxctlError
from fluxctl.providers.runpod import errors
from fluxctl.providers.runpod.access import KEY_HINT, KEYS_PAGE
from fluxctl.providers.runpod.classify import Kind, Trouble

BILLING_PAGE = "https://console.runpod.io/user/billing"
STATUS_PAGE = "https://uptime.runpod.io"

_Maker = Callable[[str, Trouble], FluxctlError]


def error_of(what: str, trouble: Trouble) -> FluxctlError:
    """Given what was asked for (`list pods`) and the trouble, return the error to raise."""
    maker = _MAKERS.get(trouble.kind, _unknown)
    return maker(f"RunPod did not {what}", trouble)


def unreadable(what: str) -> errors.UnknownAnswerError:
    """Given what of an answer cannot be read (`its list of pods`), return the error to raise."""
    return errors.UnknownAnswerError(f"RunPod answered, but {what} cannot be read", hint="try again; if it stays: fluxctl doctor")


def _why(trouble: Trouble, otherwise: str) -> str:
    status = f" ({trouble.status})" if trouble.status not in (None, 0, 200) else ""  # a refusal with 200 is GraphQL's usual one
    return f"{trouble.words or otherwise}{status}"


def _capacity(what: str, trouble: Trouble) -> FluxctlError:
    return errors.NoCapacityError(f"{what}: {_why(trouble, 'no such machine is free')}", hint="fluxctl gpus")


def _balance(what: str, trouble: Trouble) -> FluxctlError:
    said = _why(trouble, "the balance of the account is too low")
    return errors.BalanceTooLowError(f"{what}: {said}", hint=f"add funds at {BILLING_PAGE}")


def _spending_limit(what: str, trouble: Trouble) -> FluxctlError:
    hint = f"end another pod (fluxctl ps --all), or raise the limit at {BILLING_PAGE}"
    return errors.SpendingLimitError(f"{what}: {_why(trouble, 'the spending limit of the account is reached')}", hint=hint)


def _key(what: str, trouble: Trouble) -> FluxctlError:
    return errors.KeyRefusedError(f"{what}: it refuses RUNPOD_API_KEY ({trouble.status or 'no status'})", hint=KEY_HINT)


def _rights(what: str, trouble: Trouble) -> FluxctlError:
    hint = f"give the key read and write access to pods and to the account, or make one that has it: {KEYS_PAGE}"
    return errors.RightsError(f"{what}: RUNPOD_API_KEY may not do that: {_why(trouble, 'access denied')}", hint=hint)


def _not_found(what: str, trouble: Trouble) -> FluxctlError:
    return errors.NoSuchPodError(f"{what}: {_why(trouble, 'it knows no such pod')}", hint="fluxctl ps --all")


def _rate_limit(what: str, trouble: Trouble) -> FluxctlError:
    wait = trouble.retry_after_seconds
    hint = "try again in a minute" if wait is None else f"try again in {wait:.0f} s"
    return errors.RateLimitedError(f"{what}: its limit of requests is reached", hint=hint, retry_after_seconds=wait)


def _unreachable(what: str, trouble: Trouble) -> FluxctlError:
    when = "try again" if trouble.retry_after_seconds is None else f"try again in {trouble.retry_after_seconds:.0f} s"
    return errors.UnreachableError(f"{what}: {_why(trouble, 'no answer')}", hint=f"{when}; RunPod's own state: {STATUS_PAGE}")


def _proxy(what: str, trouble: Trouble) -> FluxctlError:
    said = f"something in between answered with a page, not with an answer of RunPod's ({trouble.status})"
    hint = f"look at your network, VPN or proxy, then try again; RunPod's own state: {STATUS_PAGE}"
    return errors.UnreachableError(f"{what}: {said}", hint=hint)


def _wrong_state(what: str, trouble: Trouble) -> FluxctlError:
    return errors.WrongStateError(f"{what}: {_why(trouble, 'the pod is in a state that does not allow it')}", hint="fluxctl status")


def _retired(what: str, trouble: Trouble) -> FluxctlError:
    return errors.RetiredError(
        f"{what}: this API of RunPod's is no more: {_why(trouble, 'gone')}",
        hint="fluxctl config set runpod.transport rest; if it is that already, a newer fluxctl is needed",
    )


def _refused(what: str, trouble: Trouble) -> FluxctlError:
    return errors.MarketError(f"{what}: {_why(trouble, 'it refused the request')}", hint="fluxctl doctor")


def _unknown(what: str, trouble: Trouble) -> FluxctlError:
    return errors.MarketError(f"{what}: {_why(trouble, 'it gave no reason')}", hint="fluxctl doctor")


_MAKERS: dict[Kind, _Maker] = {
    Kind.CAPACITY: _capacity,
    Kind.BALANCE: _balance,
    Kind.SPENDING_LIMIT: _spending_limit,
    Kind.KEY: _key,
    Kind.RIGHTS: _rights,
    Kind.NOT_FOUND: _not_found,
    Kind.RATE_LIMIT: _rate_limit,
    Kind.TRANSIENT: _unreachable,
    Kind.PROXY: _proxy,
    Kind.NOT_SENT: _unreachable,
    Kind.NO_ANSWER: _unreachable,
    Kind.WRONG_STATE: _wrong_state,
    Kind.RETIRED: _retired,
    Kind.REFUSED: _refused,
}
