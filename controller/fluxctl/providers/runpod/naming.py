"""Names of a rented pod and of where people look at it (pure)."""

NAME = "runpod"
"""What is typed after --provider."""
CONSOLE = "https://console.runpod.io/pods"
"""Where a person sees every pod of the account, and can end it."""


def rental_name(owner: str, random: str) -> str:
    """Given the owner's id and eight random hex digits, return the name of a pod that is about to be rented."""
    return f"fluxctl-{owner[:8]}-{random}"
