"""What was asked of the platform, for tests that count."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """One request."""

    via: str
    """`graphql` or `rest`."""
    operations: frozenset[str]
    """Such as `create`, `list`, `get`; empty where it was not understood."""
    method: str
    path: str
    status: int
    """0: nothing came back."""
    agent: str
    fault: str = ""
    text: str = ""
    """The GraphQL document, or the body."""
