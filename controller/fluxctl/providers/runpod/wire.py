"""What both ways to RunPod have in common on the network: their limits, how a body is read, and the words for why no answer came."""

import ssl
import time
from collections.abc import Iterable, Iterator

from fluxctl.providers.runpod.answer import LARGEST_ANSWER_BYTES

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
USER_AGENT = "fluxctl/0.1"
"""Ours on both APIs: that of a library is refused at times, and the SDK's own tells what other programs run here."""


def whole(pieces: Iterable[bytes]) -> bytes:
    """Return a body, as far as it comes in time and is no larger than any answer; raise OSError otherwise."""
    latest, body = time.monotonic() + ANSWER_SECONDS, bytearray()
    for piece in pieces:
        body += piece
        if time.monotonic() > latest:
            raise TimeoutError("the answer did not end in time")
        if len(body) > LARGEST_ANSWER_BYTES:
            raise OSError("the answer does not end")
    return bytes(body)


def is_distrusted(error: BaseException) -> bool:
    """Return whether the other side's certificate was refused, before anything was sent."""
    return any(isinstance(found, ssl.SSLCertVerificationError) for found in _behind(error))


def words_of(error: BaseException, *, connected: bool) -> str:
    """Return why no answer came in words of our own: those of the error may hold the request."""
    if is_distrusted(error):
        return "its certificate is not one that this computer trusts; a proxy in between shows its own"
    name = type(error).__name__
    if "Schema" in name:
        return unusable_proxy(error)
    if "Proxy" in name and not connected:
        return "the proxy that the environment names lets nothing through"
    if "Timeout" in name:
        return f"no answer within {ANSWER_SECONDS:.0f} s" if connected else f"no connection within {CONNECT_SECONDS:.0f} s"
    return f"the connection broke ({name})" if connected else "no connection"


def unusable_proxy(error: BaseException) -> str:
    """Return that there is a proxy of a kind that is not known here: SOCKS, for one, without its library."""
    return f"the proxy that the environment names cannot be used ({type(error).__name__}); one of http:// can"


def _behind(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from: its causes, and the errors that `requests` and `urllib3` carry inside."""
    waiting, seen = [error], set[int]()
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        inside = (found.__cause__, found.__context__, getattr(found, "reason", None), *found.args)
        waiting += [other for other in inside if isinstance(other, BaseException)]
