"""REST's log stream: server-sent events, the last lines first, then each new one for as long as the pod is there."""

import json
import time
from collections.abc import Iterator
from datetime import datetime

from tests.cloud.answer import Answer, Asked, problem
from tests.cloud.market import Market
from tests.cloud.pod import CloudPod, moment
from tests.cloud.tier import CONTAINER, SYSTEM, Line

USUAL_TAIL, LONGEST_TAIL = 100, 5000
POLL_SECONDS = 0.05
BREATH_SECONDS = 1.0
"""So often something is sent, so that an end of the connection shows."""


def log_stream(market: Market, pod: CloudPod, asked: Asked) -> Answer:
    """Answer GET /v2/pods/{id}/logs."""
    source, tail = asked.query.get("source", ""), asked.query.get("tail", str(USUAL_TAIL))
    if source not in ("", SYSTEM, CONTAINER):
        return problem(422, "Request validation failed.", (f"$.source: {source!r} is unknown",))
    if not tail.isdigit() or int(tail) > LONGEST_TAIL:
        return problem(422, "Request validation failed.", (f"$.tail: must be 0 to {LONGEST_TAIL}",))
    after = asked.headers.get("last-event-id") or asked.query.get("since")
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return Answer(200, headers=headers, stream=lambda: _events(market, pod, source, int(tail), after))


def _events(market: Market, pod: CloudPod, source: str, tail: int, after: str | None) -> Iterator[bytes]:
    first, breath = True, time.monotonic()
    seen = 0
    while not market.closed.is_set():
        with market.lock:
            market.settle()
            lines = [line for line in market.tier.lines(pod, market.now()) if source in ("", line.source)]
            gone = pod.gone_at is not None
        if first:
            seen = _begin(lines, tail, after)
            first = False
        for number, line in enumerate(lines[seen:], seen + 1):
            yield _event(number, line)
        seen = len(lines)
        if gone:
            return
        if time.monotonic() - breath > BREATH_SECONDS:
            breath = time.monotonic()
            yield b": keep-alive\n\n"
        market.closed.wait(POLL_SECONDS)


def _begin(lines: list[Line], tail: int, after: str | None) -> int:
    """Return how many lines are left out at the beginning."""
    if after is None:
        return max(0, len(lines) - tail)
    said, _, number = after.partition("/")
    if number.isdigit():
        return int(number)
    since = datetime.fromisoformat(said.replace("Z", "+00:00")).timestamp()
    return sum(1 for line in lines if line.at < since - 0.0005)


def _event(number: int, line: Line) -> bytes:
    at = moment(line.at)
    return f"id: {at}/{number:012d}\ndata: {json.dumps({'ts': at, 'source': line.source, 'line': line.text})}\n\n".encode()
