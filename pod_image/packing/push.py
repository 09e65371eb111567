"""Builds the pod image, pushes it to its registry and makes it the one that pods run: `make push`."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from packing.build import build
from packing.client import Client, find_client
from packing.facts import CHECKOUT
from packing.problem import Problem, run, say
from packing.wish import BASE_IMAGE, IMAGE, Wish, read_wish

DENIED = ("denied", "unauthorized", "authentication required", "no basic auth")
TEST_BASE = "ai.fluxctl.test-base"
"""Label of base images that tests/containers/prepare.sh makes."""


def push() -> None:
    """Build and push what the environment names, and note the pushed reference as `pod.image`; raise Problem when that fails."""
    wish = read_wish(os.environ)
    if "/" not in wish.image:
        raise Problem(f"{wish.reference} names no registry to push to", f"make push IMAGE=ghcr.io/YOU/{IMAGE}")
    client = find_client(os.environ)
    refuse_test_base(client, wish.base_image)
    build()
    refuse_test_base(client, wish.reference)  # labels are handed down, and a base that was pulled just now shows only here
    say(f"pushing {wish.reference} …")
    pushed = client.run(["push", wish.reference])
    if pushed.returncode:
        raise push_problem(wish, pushed.stderr + pushed.stdout)
    reference = pushed_reference(wish, pushed.stdout)
    record(reference)
    sys.stdout.write(f"{reference}\n")


def refuse_test_base(client: Client, name: str) -> None:
    """Given an image, raise Problem when it is, or stands upon, the tests' own base, which holds settings of one machine."""
    label = client.run(["image", "inspect", "--format", f'{{{{index .Config.Labels "{TEST_BASE}"}}}}', name])
    if label.returncode == 0 and label.stdout.strip() == "1":
        raise Problem(
            f"{name} is the tests' own base image, or made from it, which holds settings of one computer: it is not for others",
            f"make push IMAGE=ghcr.io/YOU/{IMAGE} BASE_IMAGE={BASE_IMAGE}",
        )


def pushed_reference(wish: Wish, printed: str) -> str:
    """Given what `docker push` printed, return the reference by digest: a tag may be moved, and hosts keep old ones."""
    found = re.search(r"digest: (sha256:[0-9a-f]{64})", printed)
    return f"{wish.image}@{found[1]}" if found else wish.reference


def push_problem(wish: Wish, said: str) -> Problem:
    """Given what docker said, return what to tell."""
    reason = said.strip().splitlines()[-1] if said.strip() else "docker said nothing"
    if any(word in said.lower() for word in DENIED):
        return Problem(f"the registry refuses {wish.reference}: {reason}", f"docker login {wish.registry}".strip())
    return Problem(f"{wish.reference} was not pushed: {reason}", "make push")


def record(reference: str) -> None:
    """Note the reference as the user's `pod.image`; raise Problem when fluxctl is not there or refuses."""
    words = ["config", "set", "pod.image", reference]
    own = CHECKOUT / ".venv" / "bin" / "fluxctl"
    program = str(own) if own.exists() else shutil.which("fluxctl")
    if program is None:
        raise Problem(
            f"{reference} is pushed, but fluxctl is not installed to note it", f"make demo && {Path('.venv/bin/fluxctl')} {' '.join(words)}"
        )
    noted = subprocess.run([program, *words], capture_output=True, text=True)
    if noted.returncode:
        raise Problem(f"{reference} is pushed, but not noted: {noted.stderr.strip()}", f"fluxctl {' '.join(words)}")
    say(f"pods run {reference} from now on (pod.image)")


if __name__ == "__main__":
    sys.exit(run(push))
