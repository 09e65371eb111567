"""Measures what fluxctl promises about speed on this computer, and writes bench/RESULTS.md; exits 1 when a bound is broken."""

import json
import os
import platform
import shutil
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent))
import container_start
from home import PROMPT, age, fluxctl, home
from timing import in_turn, median_ratio, seconds

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
STEPS = 20
SIZE = 256
OLD_JOBS = 10_000
SHORTEST_PICTURE_SECONDS = 0.5
"""The pace is promised for pictures that take at least so long."""


@dataclass(frozen=True)
class Row:
    """One line of the results."""

    what: str
    measured: str
    bound: str
    kept: bool


def script(name: str, *words: str) -> list[str]:
    """Return the command line of a program beside this one."""
    return [sys.executable, str(HERE / name), *words]


def help_is_quick() -> list[Row]:
    """`fluxctl --help` beside a Typer program with two empty commands."""
    everything = dict(os.environ)
    ours, smallest = in_turn([fluxctl("--help"), script("two_commands.py", "--help")], [everything, everything], 15)
    ratio = median_ratio(ours, smallest)
    figures = f"{ratio:.2f} times ({statistics.median(ours):.3f} s, {statistics.median(smallest):.3f} s)"
    return [Row("`fluxctl --help`, beside a Typer program with two empty commands", figures, "at most 1.5 times", ratio <= 1.5)]


def warm_gen_is_quick(model: str) -> list[Row]:
    """A warm `gen` beside the older way, and what it takes besides encoders, denoising and VAE."""
    with home() as variables, TemporaryDirectory() as folder:
        seconds(fluxctl("up"), variables)
        warm, older, besides = list[float](), list[float](), list[float]()
        for number in range(6):
            taken, out = seconds(fluxctl("gen", PROMPT, "--seed", "7", "--json"), variables)
            picture = json.loads(out)["pictures"][0]["duration_seconds"]
            old, _ = seconds(script("older_way.py", model, PROMPT, f"{folder}/older.png", str(STEPS), str(SIZE)), os.environ)
            if number:
                warm.append(taken)
                besides.append(taken - picture)
                older.append(old)
    ratio = median_ratio(warm, older)
    return [
        Row(
            "warm `gen`, besides encoders, denoising and VAE",
            f"{statistics.median(besides):.2f} s",
            "at most 0.5 s",
            statistics.median(besides) <= 0.5,
        ),
        Row(
            "warm `gen` beside the older way (a fresh process that loads and generates)",
            f"{ratio:.2f} times ({statistics.median(warm):.2f} s, {statistics.median(older):.2f} s)",
            "at most 0.33 times",
            ratio <= 1 / 3,
        ),
    ]


def a_job_of_many_keeps_the_pace(model: str) -> list[Row]:
    """20 pictures in one job beside a bare loop over the same pipeline."""
    pictures = 20
    with home() as variables, TemporaryDirectory() as folder:
        seconds(fluxctl("gen", PROMPT, "--steps", "1"), variables)
        rates, each = list[float](), list[float]()
        for _ in range(3):
            _, out = seconds(script("bare_loop.py", model, PROMPT, folder, str(STEPS), str(SIZE), str(pictures)), os.environ)
            words = ("gen", PROMPT, "--seed", "0", "--count", str(pictures), "--steps", str(STEPS), "--json")
            begun = time.perf_counter()
            seconds(fluxctl(*words), variables)
            taken = time.perf_counter() - begun
            rates.append(float(out) / taken)
            each.append(float(out) / pictures)
    rate, one = statistics.median(rates), min(each)
    figures = f"{rate:.3f} times, {one:.2f} s a picture in the bare loop"
    return [
        Row(
            "rate of 20 pictures in one job, beside a bare FluxPipeline loop that saves PNGs",
            figures,
            "at least 0.95 times",
            rate >= 0.95 and one >= SHORTEST_PICTURE_SECONDS,
        )
    ]


def ten_thousand_jobs_cost_no_more() -> list[Row]:
    """`gen`, `jobs` and `history` where ten thousand pictures were made before, beside ten."""
    commands = {"gen": ("gen", PROMPT, "--steps", "4", "--seed", "1"), "jobs": ("jobs",), "history": ("history",)}
    with home() as young, home() as old:
        for variables, jobs in ((young, 10), (old, OLD_JOBS)):
            seconds(fluxctl("gen", PROMPT, "--steps", "1"), variables)
            seconds(fluxctl("down"), variables)
            age(variables, jobs)
            seconds(fluxctl("up"), variables)
        rows = list[Row]()
        for name, words in commands.items():
            many, few = in_turn([fluxctl(*words), fluxctl(*words)], [old, young], 9)
            ratio = median_ratio(many, few)
            figures = f"{ratio:.2f} times ({statistics.median(many):.2f} s, {statistics.median(few):.2f} s)"
            rows.append(Row(f"`{name}` with {OLD_JOBS:,} old jobs and pictures, beside 10", figures, "at most 1.2 times", ratio <= 1.2))
    return rows


def a_kept_connection_costs_little() -> list[Row]:
    """The requests of a warm `gen` over a kept ssh connection, beside the same over the local socket."""
    if shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
        sys.stderr.write("the kept ssh connection is not measured: sshd is not installed (openssh-server)\n")
        return []
    _, out = seconds(script("kept_master.py"), os.environ)
    added, local, kept, first = map(float, out.split())
    figures = f"{added:.3f} s more ({kept:.3f} s, {local:.3f} s; {first:.2f} s where the connection is built first)"
    what = "requests of a warm `gen` through a kept ssh connection, beside the local socket"
    return [Row(what, figures, "at most 0.05 s more", added <= 0.05)]


def a_container_starts_as_quickly_as_python() -> list[Row]:
    """A container's start to `ready` beside a bare python in the same image; nothing where Docker or the image is missing."""
    if not container_start.has_image():
        return []
    ready, bare = container_start.measure()
    ratio = median_ratio(ready, bare)
    figures = f"{ratio:.2f} times ({statistics.median(ready):.1f} s, {statistics.median(bare):.1f} s)"
    what = "container start to `ready`, beside a bare `python -c` in it with the same imports and folder"
    return [Row(what, figures, "at most 1.3 times", ratio <= 1.3)]


def machine() -> str:
    """Return one line about this computer."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "diffusers", "transformers"))
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}; {packages}"


def report(rows: list[Row]) -> str:
    """Return the results as a page."""
    lines = [
        "# What was measured",
        "",
        f"`make bench`, {datetime.now(UTC):%Y-%m-%d}. {machine()}. Ratios were taken in turn, in one run.",
        "",
    ]
    lines += ["| what | measured | bound | |", "|---|---|---|---|"]
    lines += [f"| {row.what} | {row.measured} | {row.bound} | {'kept' if row.kept else '**broken**'} |" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure everything, print it, write it."""
    from fluxpod.embedded.folder import embedded_model_folder

    with TemporaryDirectory() as cache:
        model = str(embedded_model_folder(Path(cache)))
        rows = (
            help_is_quick()
            + a_kept_connection_costs_little()
            + a_container_starts_as_quickly_as_python()
            + warm_gen_is_quick(model)
            + a_job_of_many_keeps_the_pace(model)
            + ten_thousand_jobs_cost_no_more()
        )
    page = report(rows)
    RESULTS.write_text(page)
    sys.stdout.write(page)
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
