"""What RunPod can refuse, each with a stable code; none of them holds the request, whose environment is full of secrets."""

from fluxctl.errors import NoCapacityError, NotConfirmedError, ProviderError, SettingsError

__all__ = [
    "BalanceTooLowError",
    "KeyRefusedError",
    "MarketError",
    "NoCapacityError",
    "NoSuchPodError",
    "RateLimitedError",
    "RetiredError",
    "RightsError",
    "SpendingLimitError",
    "UnknownAnswerError",
    "UnknownOutcomeError",
    "UnreachableError",
    "WrongStateError",
]


class BalanceTooLowError(ProviderError):
    """The account has not enough money for an hour of the pod."""

    default_code = "balance"


class SpendingLimitError(ProviderError):
    """The pod would put the account over its own limit of spending an hour."""

    default_code = "spending_limit"


class KeyRefusedError(SettingsError):
    """RunPod does not know the key."""

    default_code = "key_refused"


class RightsError(ProviderError):
    """RunPod knows the key, which may not do this."""

    default_code = "rights"


class NoSuchPodError(ProviderError):
    """RunPod itself says that it knows no such pod."""

    default_code = "no_such_pod"


class WrongStateError(ProviderError):
    """The pod, as it stands, cannot do this."""

    default_code = "wrong_state"


class RateLimitedError(ProviderError):
    """Too many calls; `retry_after_seconds` is how long RunPod asks to be left alone, None where it does not say."""

    default_code = "rate_limited"

    def __init__(self, message: str, *, hint: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_seconds = retry_after_seconds


class RetiredError(ProviderError):
    """The API that the settings insist on is no more."""

    default_code = "api_retired"


class UnreachableError(ProviderError):
    """No answer of RunPod's own: the network, a proxy's page, or a trouble of theirs that passes."""

    default_code = "unreachable"


class MarketError(ProviderError):
    """RunPod refused for a reason of its own, which the message repeats."""

    default_code = "market_error"


class UnknownAnswerError(ProviderError):
    """RunPod answered something that cannot be read; never "there is none"."""

    default_code = "unknown_answer"


class UnknownOutcomeError(NotConfirmedError):
    """Whether the order made a pod is not known: its name has to be looked up before another one is placed.

    `without_a_pod`: RunPod answered that all went well and named no pod. That is how it says "no capacity" at times; it proves nothing.
    """

    default_code = "outcome_unknown"

    def __init__(self, message: str, *, hint: str = "", without_a_pod: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.without_a_pod = without_a_pod
