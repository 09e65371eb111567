"""Reads what `make image` and `make push` were asked for: IMAGE, TAG, BASE_IMAGE, PLATFORM, TORCH, TORCH_INDEX."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from packing.facts import version
from packing.problem import Problem

IMAGE = "fluxctl-pod"
BASE_IMAGE = "python:3.11-slim-bookworm"
PLATFORM = "linux/amd64"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
BUILDS = ("cpu", "cuda")


@dataclass(frozen=True)
class Wish:
    """Which image to make, from what."""

    image: str
    tag: str
    base_image: str
    platform: str
    torch: str
    torch_index: str

    @property
    def reference(self) -> str:
        """Return the image's name as docker takes it."""
        return f"{self.image}:{self.tag}"

    @property
    def registry(self) -> str:
        """Return the registry's host; empty for Docker Hub and for a name that belongs to no registry."""
        host, slash, _ = self.image.partition("/")
        return host if slash and ("." in host or ":" in host or host == "localhost") else ""


def read_wish(variables: Mapping[str, str]) -> Wish:
    """Given the environment, return what is wished, defaults filled in; raise Problem when a value cannot be meant."""
    torch = variables.get("TORCH") or "cuda"
    if torch not in BUILDS:
        raise Problem(f"TORCH={torch}: torch is built for {' or '.join(BUILDS)}", "make image TORCH=cuda")
    image = variables.get("IMAGE") or IMAGE
    tag = variables.get("TAG") or version()  # either build: `--provider docker` looks for fluxctl's own version
    if not re.fullmatch(r"[a-z0-9][a-z0-9._:/-]*", image) or ":" in image.rpartition("/")[2]:
        raise Problem(f"IMAGE={image}: a name without tag, in small letters", "make image IMAGE=ghcr.io/YOU/fluxctl-pod TAG=0.1.0")
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", tag):
        raise Problem(f"TAG={tag}: letters, digits, dots, dashes, at most 128", "make image TAG=0.1.0")
    # Set but empty: no index beside pip's own.
    index = variables.get("TORCH_INDEX", CPU_INDEX if torch == "cpu" else "")
    if _holds_userinfo(index):
        raise Problem(
            "TORCH_INDEX holds a user or password, which everybody who pulls the image could read",
            "make image TORCH_INDEX=https://HOST/PATH",
        )
    return Wish(image, tag, variables.get("BASE_IMAGE") or BASE_IMAGE, variables.get("PLATFORM") or PLATFORM, torch, index)


def _holds_userinfo(address: str) -> bool:
    try:
        return "@" in urlsplit(address).netloc
    except ValueError:
        return "@" in address
