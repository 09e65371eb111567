"""A request that cannot be granted: status, code for machines, message for people."""


class RefusalError(Exception):
    """Answered as an `ErrorReply` with this HTTP status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def unknown_job(job_id: str) -> RefusalError:
    """Return the refusal for an id that stands for nothing here."""
    return RefusalError(404, "unknown_job", f"no job {job_id} here; ended jobs are forgotten after a while")


def foreign_job(job_id: str, pod_id: str) -> RefusalError:
    """Return the refusal for an unfinished job of another pod."""
    return RefusalError(409, "foreign_job", f"job {job_id} belongs to pod {pod_id}; put it here to run it here")


def volume_full(what: str) -> RefusalError:
    """Return the refusal for something that could not be written."""
    return RefusalError(507, "volume_full", f"{what} could not be written: the volume is full")
