"""What can go wrong between a prompt and its better version."""

from fluxctl.errors import GenerationError


class EnhancementError(GenerationError):
    """Claude gave no answer that can be used. `concerns_all`: the next prompt would fare no better."""

    default_code = "enhancement_failed"

    def __init__(self, message: str, *, hint: str = "", code: str = "", concerns_all: bool = False) -> None:
        super().__init__(message, hint=hint or "fluxctl gen PROMPT --no-enhance", code=code)
        self.concerns_all = concerns_all
