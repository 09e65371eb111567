"""What the platform writes into a pod's system log: pulling with its progress, errors that come again and again, starts and ends."""

import hashlib

from tests.cloud.pod import CloudPod, Order
from tests.cloud.tier import SYSTEM, Line

LOOP_SECONDS = 15.0
PROGRESS_STEPS = 8
LAYERS = (("aece8493d397", 29.5), ("5e3b7ee77381", 211.7), ("fd355fe661e5", 1830.0))
"""Id and size in MB."""


def start_lines(pod: CloudPod, began: float, now: float) -> list[Line]:
    """Return the lines of one start that are written by now."""
    scheduled = began + pod.life.schedule_seconds
    if pod.life.pull_error:
        return _loop(pod, scheduled, now)
    up = scheduled + pod.life.pull_seconds
    return [line for line in [*pull_lines(pod, scheduled, up), *container_lines(pod, up)] if line.at <= now]


def pull_lines(pod: CloudPod, began: float, ended: float) -> list[Line]:
    """Return the lines of a pull that takes that long."""
    repository, _, tag = pod.order.image.partition("@")[0].rpartition(":")
    lines = [
        Line(began, SYSTEM, "create pod network"),
        Line(began, SYSTEM, f"create container {pod.order.image}"),
        Line(began, SYSTEM, f"{tag} Pulling from {repository}"),
    ]
    lines += [Line(began, SYSTEM, f"{layer} Pulling fs layer") for layer, _ in LAYERS]
    for step in range(1, PROGRESS_STEPS):
        at = began + (ended - began) * step / PROGRESS_STEPS
        layer, size = LAYERS[step * len(LAYERS) // PROGRESS_STEPS]
        share = step * len(LAYERS) / PROGRESS_STEPS % 1
        bar = "=" * int(20 * share)
        lines.append(Line(at, SYSTEM, f"{layer} Downloading [{bar}>{' ' * (20 - len(bar))}] {size * share:.1f}MB/{size:.1f}MB"))
    lines += [Line(ended, SYSTEM, f"{layer} Pull complete") for layer, _ in LAYERS]
    digest = hashlib.sha256(pod.order.image.encode()).hexdigest()
    lines.append(Line(ended, SYSTEM, f"Digest: sha256:{digest}"))
    return [*lines, Line(ended, SYSTEM, f"Status: Downloaded newer image for {pod.order.image}")]


def container_lines(pod: CloudPod, at: float) -> list[Line]:
    """Return the lines of a container's start."""
    if mount_is_broken(pod.order):
        words = 'invalid mount config for type "bind": field Target must not be empty'
        return [Line(at + LOOP_SECONDS * number, SYSTEM, f"error creating container: {words}") for number in range(100)]
    return [Line(at, SYSTEM, f"start container for {pod.order.image}: begin")]


def end_lines(at: float) -> list[Line]:
    """Return the lines of a container's end."""
    return [Line(at, SYSTEM, "stop container"), Line(at, SYSTEM, "remove container")]


def mount_is_broken(order: Order) -> bool:
    """Whether a volume was ordered without a place: such a container never starts."""
    return bool(order.volume_id or order.volume_gb) and not order.mount_path


def missing_image(image: str) -> str:
    """Return the words about an image that does not exist."""
    repository = image.partition("@")[0].rpartition(":")[0] or image
    return f"pull access denied for {repository}, repository does not exist or may require 'docker login'"


def _loop(pod: CloudPod, began: float, now: float) -> list[Line]:
    lines: list[Line] = []
    image, at = pod.order.image, began
    while at <= now:
        texts = (f"create container {image}", f"error pulling image: Error response from daemon: {pod.life.pull_error}")
        lines += [
            Line(at, SYSTEM, text) for text in (*texts, f"error creating container: Error response from daemon: No such image: {image}")
        ]
        at += LOOP_SECONDS
    return lines
