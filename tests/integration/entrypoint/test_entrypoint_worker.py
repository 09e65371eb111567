"""The worker under the entrypoint: it dies, hangs, is ended, or gets other code, and the pod goes on or ends as it should."""

import os
import shutil
import signal
import socket
import time
from pathlib import Path

from tests.integration.entrypoint.conftest import MakePod
from tests.support.pod_process import BUSY_SECONDS, REAL, PodProcess
from tests.support.worker_process import new_id, recipe

from fluxpod.pod_contract import Limits

SLOW_STEPS = (
    "import time\nimport fluxpod.jobs.work as work\nfirst = work.Work.step\n"
    "def step(self, *words):\n    time.sleep(0.3)\n    first(self, *words)\nwork.Work.step = step\n"
)
STUCK_LOADING = "import time\nimport fluxpod.engine.libraries as libraries\nlibraries.prepare = lambda: time.sleep(1000)\n"
STUCK_JOB = "import time\nimport fluxpod.jobs.work as work\nwork.Work.step = lambda *words: time.sleep(1000)\n"


def steps_made(pod: PodProcess) -> int:
    """Return how often the worker's counter moved."""
    answer = pod.ask_worker("GET", "/v1/idle")
    return int(answer.body["progress"]) if answer and answer.status == 200 else 0


def begun(pod: PodProcess, source: Path, **changes: object) -> str:
    """Put a job and return its id once it runs."""
    job_id = new_id()
    pod.put(job_id, recipe(str(source), **changes))
    pod.wait_until(lambda: pod.job(job_id).get("state") == "running", "the job's start")
    return job_id


def test_a_killed_worker_answers_again_within_ten_seconds_and_repeats_its_job_and_the_token_is_asked_for(
    make_pod: MakePod, tiny: Path
) -> None:
    pod = make_pod(SLOW_STEPS + REAL, source=str(tiny)).start().until_ready()
    wrong = pod.ask_worker("GET", "/v1/health", token="wrong")
    assert wrong is not None
    assert wrong.status == 401
    job_id = begun(pod, tiny, steps=8)
    first = pod.kill("worker")
    seconds = pod.wait_until(lambda: pod.process_id("worker") not in (0, first) and pod.phase() != "", "the next worker")
    assert seconds < 10 + BUSY_SECONDS
    assert pod.known_state().worker.exit_code == -signal.SIGKILL
    pod.wait_until(lambda: pod.job(job_id).get("state") == "done", "the job's end")
    assert pod.job(job_id)["attempt"] == 2


def test_sigterm_while_denoising_leaves_the_job_resumable_within_five_seconds(make_pod: MakePod, tiny: Path) -> None:
    pod = make_pod(SLOW_STEPS + REAL, source=str(tiny)).start().until_ready()
    job_id = begun(pod, tiny, steps=200)
    assert pod.terminate() < 5 + BUSY_SECONDS
    (record,) = pod.paths.jobs.glob(f"open/{job_id}.json")
    assert '"queued"' in record.read_text()
    assert not pod.process_id("worker")


def test_synced_code_runs_after_a_wanted_restart_and_shows_another_hash(make_pod: MakePod, tiny: Path) -> None:
    pod = make_pod(None, source=str(tiny)).start()
    pod.wait_until(lambda: pod.phase() != "", "the worker")
    baked = pod.health()["source_hash"]
    copied = pod.paths.synced_code / "fluxpod"
    source = Path(__file__).parents[3] / "pod_image" / "fluxpod"
    shutil.copytree(source, copied)
    with (copied / "identity.py").open("a") as file:
        file.write("\n# another line\n")
    answer = pod.ask_entrypoint("POST", "/v1/restart_worker")
    assert answer is not None
    assert answer.status == 202
    pod.wait_until(lambda: pod.health().get("source_hash", baked) != baked, "the new code")
    assert pod.known_state().worker.restarts == 0


def test_a_taken_port_is_a_failure_that_is_said_and_no_loop(make_pod: MakePod, tiny: Path) -> None:
    pod = make_pod(None, source=str(tiny))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", pod.port))
        taken.listen()
        state = pod.start().wait_for_state("failed")
    assert f"another process has taken port {pod.port}" in state.detail
    assert state.worker.restarts == 1


def test_a_volume_that_takes_nothing_is_a_failure_that_is_said_and_no_loop(make_pod: MakePod, tiny: Path) -> None:
    pod = make_pod(None, source=str(tiny))
    pod.paths.volume.write_text("no folder")
    state = pod.start().wait_for_state("failed")
    assert "nothing can be kept in" in state.detail
    assert state.worker.restarts == 1


def test_a_full_volume_is_a_failed_phase_and_the_worker_answers(make_pod: MakePod, tiny: Path) -> None:
    full = (
        "import errno\nimport fluxpod.whole_files as files\n"
        "def write(path, data):\n    raise OSError(errno.ENOSPC, 'No space left on device')\nfiles.write_whole = write\n"
    )
    pod = make_pod(full + REAL, source=str(tiny)).start()
    pod.wait_until(lambda: pod.phase() == "failed", "the failed phase")
    assert "No space left on device" in pod.health()["detail"]
    assert pod.known_state().worker.restarts == 0


def test_a_worker_that_hangs_in_loading_ends_the_pod_by_the_boot_grace(make_pod: MakePod, tiny: Path) -> None:
    pod = make_pod(STUCK_LOADING + REAL, source=str(tiny), limits=Limits(boot_grace_seconds=3.0, drain_seconds=1.0)).start()
    assert pod.ended(60) == 0
    assert "never ready" in pod.output
    assert not pod.process_id("worker")


def test_a_job_that_stands_still_ends_the_pod(make_pod: MakePod, tiny: Path) -> None:
    limits = Limits(idle_timeout_seconds=2.0, stall_timeout_seconds=2.0, drain_seconds=1.0)
    pod = make_pod(STUCK_JOB + REAL, source=str(tiny), limits=limits).start().until_ready()
    pod.put(new_id(), recipe(str(tiny)))
    began = time.monotonic()
    assert pod.ended(60) == 0
    assert time.monotonic() - began > 1.5
    assert "ending: no use for" in pod.output


def test_an_unused_pod_ends_by_itself_and_leaves_nothing(make_pod: MakePod, tiny: Path) -> None:
    pod = make_pod(None, source=str(tiny), limits=Limits(idle_timeout_seconds=2.0)).start()
    assert pod.ended(120) == 0
    assert "no use for" in pod.output
    pod_processes = [pod.process_id(which) for which in ("worker", "watchdog", "entrypoint")]
    assert pod_processes == [0, 0, 0]


def test_a_silent_worker_ends_the_pod(make_pod: MakePod, tiny: Path) -> None:
    limits = Limits(idle_timeout_seconds=3.0, silence_timeout_seconds=2.0, drain_seconds=1.0)
    pod = make_pod(None, source=str(tiny), limits=limits).start().until_ready()
    pod.wait_until(lambda: "the worker is ready" in pod.output, "the watchdog's look at it")
    os.kill(pod.process_id("worker"), signal.SIGSTOP)
    assert pod.ended(60) == 0
    assert not pod.process_id("worker")


def test_an_entrypoint_that_hangs_is_killed(make_pod: MakePod) -> None:
    pod = make_pod(limits=Limits(boot_grace_seconds=3.0, silence_timeout_seconds=1.0)).start()
    pod.wait_until(lambda: pod.process_id("watchdog") > 0, "a watchdog")
    assert pod.process
    pod.process.send_signal(signal.SIGSTOP)
    assert pod.ended(60) == -signal.SIGKILL
