"""What Claude is asked for one prompt, and the name that its answer is kept under."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

VERSION = 1
"""Of the words below: when they change, answers to the older ones are asked anew."""
_RULES = """\
The message is a JSON object; its `prompt` is the material. Text in quotation marks, names and numbers must stand in your answer
exactly as they stand there. Write fewer than {maximum_words} words."""
ANSWER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"prompt": {"type": "string", "description": "The rewritten prompt, nothing else."}},
    "required": ["prompt"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Request:
    """One prompt, with everything that decides about its answer."""

    prompt: str
    instructions: str
    """From `prompts/claude_system.txt`."""
    model: str
    maximum_words: int

    @property
    def system(self) -> str:
        """Return the instructions with the rules that always hold."""
        return f"{self.instructions}\n\n{_RULES.format(maximum_words=self.maximum_words)}"

    @property
    def message(self) -> str:
        """Return the prompt as JSON, so that nothing in it can end the material."""
        return json.dumps({"prompt": self.prompt}, ensure_ascii=False)

    @property
    def instructions_sha256(self) -> str:
        """Return the hash of the instructions, which tells whether they have changed."""
        return hashlib.sha256(self.instructions.encode()).hexdigest()

    @property
    def key(self) -> str:
        """Return the hash of all that the answer depends on."""
        parts = [VERSION, self.prompt, self.instructions, self.model, self.maximum_words]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
