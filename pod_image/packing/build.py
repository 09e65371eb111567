"""Builds the pod image, shows what its layers take, and fails when one takes too much: `make image`."""

import os
import sys

from packing.client import Client, find_client
from packing.facts import CHECKOUT, Facts, facts
from packing.layers import Layer, missing, read_history, shares, table
from packing.problem import Problem, run, say
from packing.wish import Wish, read_wish

CUDA_FLOOR = {"cuda": "12.8", "cpu": ""}
"""The CUDA that a host's driver must know at least; the Dockerfile says why."""


def command(wish: Wish, known: Facts, client: Client) -> list[str]:
    """Return the words of the docker command that builds."""
    arguments = {
        "BASE_IMAGE": wish.base_image,
        "TORCH": wish.torch,
        "TORCH_INDEX": wish.torch_index,
        "CUDA_FLOOR": CUDA_FLOOR[wish.torch],
        "VERSION": known.version,
        "REVISION": known.revision,
        "SOURCE": known.source,
        "SOURCE_HASH": known.source_hash,
    }
    given = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
    load = ["--load"] if client.has_buildx else []
    return ["build", "--platform", wish.platform, *load, "--tag", wish.reference, *given, str(CHECKOUT)]


def build() -> None:
    """Build what the environment asks for; raise Problem when that fails or a layer is too large."""
    wish = read_wish(os.environ)
    client = find_client(os.environ)
    if client.run(command(wish, facts(os.environ), client), quiet=False).returncode:
        raise Problem(f"{wish.reference} was not built; what failed stands above", "make image  (goes on where it stopped)")
    found = shares(_layers(client, wish), wish.torch)
    say(table(found))
    if large := [share.name for share in found if share.is_over]:
        raise Problem(
            f"too large: {', '.join(large)}. {wish.reference} is there, but every cold start would pull it",
            "make it smaller, or decide on more in pod_image/packing/layers.py",
        )
    say(f"{wish.reference} is built")


def _layers(client: Client, wish: Wish) -> list[Layer]:
    """Return the built image's layers, every part among them; raise Problem: what cannot be measured is not known to be small enough."""
    history = client.run(["history", "--no-trunc", "--human=false", "--format", "{{.Size}}\t{{.CreatedBy}}", wish.reference])
    reason = history.stderr.strip()[-300:] or "docker history failed"
    layers: list[Layer] = []
    if history.returncode == 0:
        try:
            layers = read_history(history.stdout)
        except ValueError:
            reason = "docker history says something else than sizes"
        else:
            unknown = missing(layers, wish.torch)
            reason = f"no layer was found for {', '.join(unknown)}" if unknown else ""
    if reason:
        raise Problem(
            f"{wish.reference} is there, but its layers cannot be measured: {reason}", f"docker history --no-trunc {wish.reference}"
        )
    return layers


if __name__ == "__main__":
    sys.exit(run(build))
