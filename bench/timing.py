"""Times whole processes in turn, so that a ratio holds although the machine's speed drifts."""

import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence


def seconds(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, str]:
    """Given a command and its environment, run it, and return wall seconds and its stdout; raise CalledProcessError when it fails."""
    begun = time.perf_counter()
    done = subprocess.run(command, env=dict(environment), check=True, capture_output=True, text=True)
    return time.perf_counter() - begun, done.stdout


def in_turn(commands: Sequence[Sequence[str]], environments: Sequence[Mapping[str, str]], rounds: int) -> list[list[float]]:
    """Given commands with an environment each, run them A B A B …; return the seconds of each, after one round that does not count."""
    times: list[list[float]] = [[] for _ in commands]
    for number in range(rounds + 1):
        for place, (command, environment) in enumerate(zip(commands, environments, strict=True)):
            taken, _ = seconds(command, environment)
            if number:
                times[place].append(taken)
    return times


def median_ratio(times: Sequence[float], others: Sequence[float]) -> float:
    """Given two lists of seconds taken in turn, return the median of the ratios pair by pair."""
    return statistics.median(first / second for first, second in zip(times, others, strict=True))
