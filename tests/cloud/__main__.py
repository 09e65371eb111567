"""`python -m tests.cloud [containers|processes|simulated]`: a RunPod on this computer, for playing (`make cloud`)."""

import sys

from tests.cloud.play import TIERS, CannotPlayError, play, tell

USAGE = 2


def main(words: list[str]) -> int:
    """Run it; return the exit code."""
    if len(words) > 1 or any(word not in TIERS for word in words):
        tell(f"usage: python -m tests.cloud [{'|'.join(TIERS)}]")
        return USAGE
    try:
        play(*words)
    except CannotPlayError as error:
        tell(f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
