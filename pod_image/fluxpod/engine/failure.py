"""What can go wrong in the engine, and how it is told: a code for machines, a sentence for people."""

from fluxpod.protocol import JobError
from fluxpod.whole_files import is_full


class EngineError(Exception):
    """A failure whose cause is understood."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def explain(error: Exception) -> JobError:
    """Given what the engine raised, return what is answered about it."""
    if isinstance(error, EngineError):
        return JobError(code=error.code, message=error.message)
    if is_full(error):
        return JobError(
            code="volume_full", message=f"the picture could not be written: {error.strerror if isinstance(error, OSError) else error}"
        )
    if type(error).__name__ == "OutOfMemoryError" or isinstance(error, MemoryError):
        return JobError(code="out_of_memory", message="the device has too little memory for this model at this size")
    return JobError(code="engine_error", message=f"{type(error).__name__}: {error}")
