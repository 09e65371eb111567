"""Which job runs next and where the others stand."""

from hypothesis import given
from hypothesis import strategies as st

from fluxpod.jobs.queue import next_job, order_after, positions, waiting_pictures
from fluxpod.jobs.record import JobRecord, ended, new_record, queued_again, started, with_picture
from fluxpod.protocol import EnginePlan, JobRequest, JobState, PictureResult

REQUEST = JobRequest(
    model="m", source="s", prompt="p", width=64, height=64, steps=1, guidance=1, maximum_sequence_length=16, seeds=(5, 6, 7)
)


def _record(order: int, state: JobState = JobState.QUEUED) -> JobRecord:
    record = new_record(f"{order:032x}", "pod", REQUEST, order, now=0.0)
    return started(record, 1.0) if state is JobState.RUNNING else record


def _picture(index: int) -> PictureResult:
    plan = EnginePlan(device="d", precision="p", versions={})
    return PictureResult(
        index=index, seed=1, width=64, height=64, steps=1, sha256="", file_sha256="", file_bytes=1, duration_seconds=1, plan=plan
    )


def test_nothing_waits_in_an_empty_queue() -> None:
    assert next_job([]) is None
    assert next_job([_record(1, JobState.RUNNING)]) is None


def test_the_earliest_waiting_job_is_next() -> None:
    assert next_job([_record(3), _record(1, JobState.RUNNING), _record(2)]) == _record(2)


def test_the_running_job_counts_as_before_those_that_wait() -> None:
    records = [_record(2), _record(9, JobState.RUNNING), _record(1)]
    assert positions(records) == {_record(1).id: 1, _record(2).id: 2}


@given(st.lists(st.integers(0, 10**9), unique=True))
def test_jobs_run_in_their_order_whatever_order_they_are_held_in(orders: list[int]) -> None:
    records = [_record(order) for order in orders]
    ran: list[int] = []
    while job := next_job(records):
        assert positions(records)[job.id] == 0
        ran.append(job.order)
        records.remove(job)
    assert ran == sorted(orders)


@given(st.lists(st.integers(0, 2**60), max_size=5), st.floats(0, 1e10))
def test_a_new_job_comes_after_all_others_even_when_the_clock_went_back(orders: list[int], now: float) -> None:
    assert all(order_after([_record(order) for order in orders], now) > order for order in orders)


def test_only_pictures_that_are_not_begun_wait() -> None:
    half_done = queued_again(with_picture(started(_record(1), 1.0), _picture(1)), "pod")
    assert waiting_pictures([_record(2), _record(3, JobState.RUNNING), half_done]) == 3 + 2


def test_a_job_that_is_queued_again_lacks_only_what_is_missing() -> None:
    again = queued_again(with_picture(started(_record(1), 1.0), _picture(1)), "other")
    assert again.missing() == [(0, 5), (2, 7)]
    assert (again.status.state, again.status.attempt, again.status.pod_id) == (JobState.QUEUED, 1, "other")
    assert again.order == 1


def test_an_ended_job_says_when_and_how() -> None:
    record = ended(_record(1), JobState.CANCELLED, now=9.0)
    assert (record.status.state, record.status.finished_at, record.status.error) == (JobState.CANCELLED, 9.0, None)
