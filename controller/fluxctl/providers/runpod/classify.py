"""Decides what an answer of RunPod's means: well, or one of the troubles it can be in. A pure function of the answer."""

import re
from dataclasses import dataclass
from enum import StrEnum

from fluxctl.providers.runpod import error_body
from fluxctl.providers.runpod.answer import Answer


class Kind(StrEnum):
    """The troubles, as far as they have to be told apart."""

    CAPACITY = "capacity"
    BALANCE = "balance"
    SPENDING_LIMIT = "spending_limit"
    KEY = "key"
    RIGHTS = "rights"
    NOT_FOUND = "not_found"
    """RunPod's own word that there is none; a proxy's 404 is PROXY."""
    RATE_LIMIT = "rate_limit"
    TRANSIENT = "transient"
    PROXY = "proxy"
    """Something in between answered: a page, not an answer of the API's."""
    NOT_SENT = "not_sent"
    NO_ANSWER = "no_answer"
    WRONG_STATE = "wrong_state"
    RETIRED = "retired"
    """This API is no more."""
    REFUSED = "refused"
    """The request itself is wrong: RunPod looked at it and did nothing."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Trouble:
    """What is wrong with an answer."""

    kind: Kind
    words: str
    """The other side's, on one line, without secrets; "" where it had none."""
    status: int | None = None
    retry_after_seconds: float | None = None
    proves_nothing_made: bool = False
    """Whether an order that was answered so has certainly made no pod."""


_PASSES = frozenset({Kind.RATE_LIMIT, Kind.TRANSIENT, Kind.NOT_SENT, Kind.NO_ANSWER})
_UNPROVEN_STATUSES = frozenset({408, 409, 425, 429})
"""The statuses from 400 to 499 after which an order may have been carried out all the same."""
_DECIDED = frozenset({Kind.CAPACITY, Kind.BALANCE, Kind.SPENDING_LIMIT, Kind.KEY, Kind.RIGHTS, Kind.RETIRED, Kind.REFUSED, Kind.NOT_SENT})
"""The kinds that are themselves the proof that nothing was made, whatever the status: GraphQL says nearly all of them with 200."""

_CODES = {
    "SUPPLY_CONSTRAINT": Kind.CAPACITY,
    "INSUFFICIENT_BALANCE": Kind.BALANCE,
    "UNAUTHENTICATED": Kind.KEY,
    "FORBIDDEN": Kind.RIGHTS,
    "UNAUTHORIZED": Kind.RIGHTS,
    "POD_NOT_FOUND": Kind.NOT_FOUND,
    "NOT_FOUND": Kind.NOT_FOUND,
    "RATE_LIMITED": Kind.RATE_LIMIT,
    "TOO_MANY_REQUESTS": Kind.RATE_LIMIT,
    "GRAPHQL_VALIDATION_FAILED": Kind.REFUSED,
    "GRAPHQL_PARSE_FAILED": Kind.REFUSED,
    "BAD_USER_INPUT": Kind.REFUSED,
}
_VAGUE = "INTERNAL_SERVER_ERROR"
_WORDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        # A GPU type, a data centre or a host may be retired, too; that of the API makes every call go the other way.
        (Kind.RETIRED, r"\b(graphql|api)\b.{0,40}\b(has been|have been|is|was|are) (retired|sunset|decommissioned|discontinued)\b"),
        (Kind.SPENDING_LIMIT, r"spending limit|spend limit"),
        (Kind.BALANCE, r"balance is too low|insufficient[_ ](balance|funds)|add funds"),
        (
            Kind.CAPACITY,
            r"no longer any instances available|does not have the resources to deploy|not enough free gpus|no compatible cuda host"
            r"|no (suitable |available )?(machines?|capacity|hosts?|gpus?|instances?)( currently| is| are)? available"
            r"|insufficient (capacity|resources)|no available machine|out of stock|sold out|supply.constraint",
        ),
        (Kind.RATE_LIMIT, r"too many requests|rate limit"),
        # Not what belongs to a pod (its machine, its volume): that says nothing of the pod.
        (
            Kind.NOT_FOUND,
            r"(^|[:.,] ?)(the |your )?pod( with)?( id)?:? ?['\"]?[a-z0-9-]{0,40}['\"]? (was |could |does )?not (be )?(found|exist)"
            r"|^(resource )?not found$",
        ),
        (Kind.KEY, r"invalid api key|check your api key|unauthenticated"),
        (Kind.RIGHTS, r"^unauthorized\b|not authorized|forbidden|permission|access denied"),
        (
            Kind.TRANSIENT,
            r"something went wrong|internal server error|service unavailable|temporarily unavailable|time(d)?[ -]?out|bad gateway",
        ),
    )
)
_STATUSES = {
    401: Kind.KEY,
    402: Kind.BALANCE,
    403: Kind.RIGHTS,
    404: Kind.NOT_FOUND,
    408: Kind.TRANSIENT,
    409: Kind.WRONG_STATE,
    410: Kind.RETIRED,
    425: Kind.TRANSIENT,
    429: Kind.RATE_LIMIT,
}
_OWN_WORDS = re.compile(
    r"no longer any instances|does not have the resources to deploy|not enough free gpus|no compatible cuda host|balance|spend(ing)? limit",
    re.IGNORECASE,
)
"""RunPod's own sentences. From 500 on, others may be those of something in between that has passed the order on."""
_SAID_BY_WORDS = frozenset({Kind.CAPACITY, Kind.BALANCE, Kind.SPENDING_LIMIT, Kind.RETIRED})
"""What words of the API's decide even where the status says something else: 400 is also "no capacity", 500 once was "balance"."""


def trouble_of(answer: Answer) -> Trouble | None:
    """Given an answer of either API, return what is wrong with it, None when it is well."""
    if answer.status is None:
        kind = Kind.NO_ANSWER if answer.sent else Kind.NOT_SENT
        return Trouble(kind, answer.failure, proves_nothing_made=not answer.sent)
    words, code = error_body.words_and_code(answer.fields)
    if 200 <= answer.status < 300 and not answer.fields.get("errors"):
        return None if answer.status == 204 or answer.fields else _trouble(Kind.PROXY, "", answer)
    kind = _kind(answer, words, code)
    if kind is Kind.NOT_FOUND and error_body.is_of_a_part(answer.fields):
        kind = Kind.UNKNOWN
    return _trouble(kind, words, answer)


def passes(trouble: Trouble) -> bool:
    """Return whether the same question may be answered well a little later."""
    from_outside = trouble.kind is Kind.PROXY and (trouble.status or 0) not in range(400, 500)
    return trouble.kind in _PASSES or from_outside or (trouble.status or 0) >= 500


def _trouble(kind: Kind, words: str, answer: Answer) -> Trouble:
    status = answer.status or 0
    refused = 400 <= status < 500 and status not in _UNPROVEN_STATUSES
    decided = kind in _DECIDED and (status < 500 or _OWN_WORDS.search(words) is not None)
    proof = refused or (decided and not error_body.is_of_a_part(answer.fields))
    return Trouble(kind, answer.hidden.clean(words), answer.status, answer.retry_after_seconds, proof)


def _kind(answer: Answer, words: str, code: str) -> Kind:
    status = answer.status or 0
    by_words = _by_words(words, code)
    if by_words is not None and by_words in _SAID_BY_WORDS:
        return by_words
    if status in (401, 410, 429):
        return _STATUSES[status]
    if not answer.fields:
        return Kind.PROXY
    if status == 404:
        return Kind.NOT_FOUND if by_words is Kind.NOT_FOUND or error_body.is_problem(answer.fields) else Kind.PROXY
    if 200 <= status < 300:
        return by_words or Kind.UNKNOWN
    return _STATUSES.get(status) or _by_status(status, by_words)


def _by_status(status: int, by_words: Kind | None) -> Kind:
    if status >= 500:
        return Kind.TRANSIENT
    return (by_words or Kind.REFUSED) if status >= 400 else Kind.PROXY


def _by_words(words: str, code: str) -> Kind | None:
    """Words decide before a code that only says that something failed, a precise code before the other words."""
    said = next((kind for kind, pattern in _WORDS if pattern.search(words)), None)
    if said in _SAID_BY_WORDS:
        return said
    return _CODES.get(code, said) if code != _VAGUE else said or Kind.TRANSIENT
