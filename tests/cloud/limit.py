"""Decides whether somebody has called too often, as the platform does: so many calls in each minute of the clock."""

from collections import Counter
from dataclasses import dataclass, field

from tests.cloud import graphql_api
from tests.cloud.answer import GRAPHQL, Answer, of_json, problem

MINUTE = 60
WORDS = "rate limit exceeded for the minute window"


@dataclass
class CallLimit:
    """Who called how often."""

    counted: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])

    def refusal(self, key: str, via: str, now: float, most: int | None) -> Answer | None:
        """Count one call, and return what is answered to one too many."""
        window = int(now // MINUTE)
        self.counted[key, window] += 1
        if most is None or self.counted[key, window] <= most:
            return None
        left = MINUTE - int(now % MINUTE)
        headers = {"Retry-After": str(left), "RateLimit": f'"minute";r=0;t={left}', "RateLimit-Policy": f'"minute";q={most};w={MINUTE}'}
        if via == GRAPHQL:
            said = graphql_api.errors(429, WORDS, "RATE_LIMITED")
            return of_json(429, said.json(), headers)
        return problem(429, WORDS, headers=headers)
