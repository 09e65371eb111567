"""What becomes of a job that is cancelled, and of a worker that is drained, whatever the engine does just then."""

from pathlib import Path

import pytest

from fluxpod.activity import Activity
from fluxpod.jobs.intake import Intake
from fluxpod.jobs.open_jobs import OpenJobs
from fluxpod.jobs.store import JobStore
from fluxpod.jobs.work import CancelledError, ReleasedError, Work
from fluxpod.protocol import JobError, JobRequest, JobState

JOB = "1" * 32
REQUEST = JobRequest(model="m", source="s", prompt="p", width=64, height=64, steps=1, guidance=1, maximum_sequence_length=16, seeds=(5, 6))


@pytest.fixture
def jobs(tmp_path: Path) -> OpenJobs:
    """No jobs, of pod `pod`."""
    return OpenJobs(JobStore(tmp_path), "pod", Activity())


@pytest.fixture
def intake(jobs: OpenJobs) -> Intake:
    """The requests' side."""
    return Intake(jobs, queue_limit=10)


@pytest.fixture
def work(jobs: OpenJobs, intake: Intake) -> Work:
    """The engine's side, which has begun a job and waits for its model."""
    intake.put(JOB, REQUEST)
    work = Work(jobs)
    assert work.take() is not None
    return work


def test_a_job_that_waits_for_its_model_is_cancelled_at_once_and_stays_so(intake: Intake, work: Work, jobs: OpenJobs) -> None:
    assert intake.cancel(JOB).state is JobState.CANCELLED
    assert [entry.event.type for entry in intake.events(JOB).after(intake.events(JOB).cursor(None))][-1] == "cancelled"
    assert not jobs.busy
    with pytest.raises(CancelledError):
        work.begin_making(JOB)
    work.finish(JOB, JobState.FAILED, JobError(code="load_failed", message="no"))
    assert (intake.status(JOB).state, intake.status(JOB).error) == (JobState.CANCELLED, None)


def test_a_job_whose_pictures_are_made_is_cancelled_after_its_step(intake: Intake, work: Work, jobs: OpenJobs) -> None:
    work.begin_making(JOB)
    assert intake.cancel(JOB).state is JobState.RUNNING
    assert jobs.busy
    with pytest.raises(CancelledError):
        work.check_step(JOB)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.DONE, JobState.CANCELLED])
def test_a_job_that_is_being_cancelled_ends_as_cancelled_whatever_else_happens(intake: Intake, work: Work, state: JobState) -> None:
    work.begin_making(JOB)
    intake.cancel(JOB)
    work.finish(JOB, state, JobError(code="out_of_memory", message="no") if state is JobState.FAILED else None)
    assert (intake.status(JOB).state, intake.status(JOB).error) == (JobState.CANCELLED, None)


def test_a_job_begun_again_in_the_next_life_waits_for_its_model_again(intake: Intake, work: Work, tmp_path: Path) -> None:
    work.begin_making(JOB)
    work.stop()
    later = OpenJobs(JobStore(tmp_path), "pod", Activity())
    assert Work(later).take() is not None
    assert Intake(later, queue_limit=10).cancel(JOB).state is JobState.CANCELLED


def test_a_worker_that_was_drained_meanwhile_begins_nothing(intake: Intake, work: Work) -> None:
    intake.drain(None)
    with pytest.raises(ReleasedError):
        work.begin_making(JOB)


def test_how_long_a_worker_has_been_drained_counts_from_the_first_time(intake: Intake, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    assert intake.ending_seconds is None
    intake.drain(None)
    clock[0] = 103.0
    assert intake.ending_seconds == 3.0
    intake.drain(None)
    work.stop()
    clock[0] = 104.0
    assert intake.ending_seconds == 4.0


def test_a_recipe_without_a_field_and_one_that_says_nothing_in_it_are_the_same(intake: Intake) -> None:
    intake.put(JOB, JobRequest.model_validate({**REQUEST.model_dump(), "revision": None, "clip_prompt": None}))
    assert intake.put(JOB, JobRequest.model_validate(REQUEST.model_dump(exclude_none=True)))[1] is False


@pytest.mark.parametrize("field", ["prompt", "clip_prompt"])
def test_a_prompt_that_no_picture_could_carry_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="NUL"):
        JobRequest.model_validate({**REQUEST.model_dump(), field: "a\x00b"})
    kept = "two\nlines\tand\x1b more"
    assert JobRequest.model_validate({**REQUEST.model_dump(), field: kept}).model_dump()[field] == kept
