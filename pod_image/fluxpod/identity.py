"""Says which worker this is: version, features."""

from importlib import metadata

from fluxpod.protocol import TEXT, TRUE_CFG

FEATURES = ("seeds", "clip_prompt", TEXT, TRUE_CFG)
"""What a recipe may ask of this worker beyond protocol 1's first form."""


def version() -> str:
    """Return the version of the distribution that fluxpod belongs to; empty when it runs without being installed."""
    try:
        return metadata.version("fluxctl")
    except metadata.PackageNotFoundError:
        return ""
