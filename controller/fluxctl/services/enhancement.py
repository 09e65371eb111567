"""What came of having one prompt rewritten."""

from dataclasses import dataclass
from typing import Any

from fluxctl.errors import FluxctlError
from fluxctl.recipe import PromptText

SCHEMA = 1
"""Version of the JSON object; a change that a reader cannot ignore raises it."""


@dataclass(frozen=True)
class Enhancement:
    """One prompt, and the better one; where there is a problem, `better` is the prompt itself."""

    prompt: str
    better: str
    model: str
    instructions_sha256: str
    seconds: float = 0.0
    cached: bool = False
    problem: FluxctlError | None = None

    def text(self, typed: str) -> PromptText:
        """Given what the person typed, return what the picture keeps of all this."""
        if self.problem is not None:
            return PromptText(typed=typed, used=self.prompt)
        return PromptText(typed=typed, used=self.better, enhanced=True, enhancer=self.model, instructions_sha256=self.instructions_sha256)

    def document(self) -> dict[str, Any]:
        """Return the JSON object of `enhance --json`."""
        return {
            "schema": SCHEMA,
            "prompt": {"typed": self.prompt, "used": self.better, "enhanced": self.problem is None},
            "model": self.model,
            "instructions_sha256": self.instructions_sha256,
            "seconds": round(self.seconds, 3),
            "cached": self.cached,
            "error": None,
        }
