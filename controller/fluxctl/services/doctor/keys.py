"""Checks what lies elsewhere than at RunPod: the image in its registry, the model on the hub, the key for Claude."""

from collections.abc import Callable

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, SettingsError
from fluxctl.services.doctor.check import Check, failed, ok, skipped, warning
from fluxctl.services.image_check import check_image
from fluxctl.services.in_time import in_time
from fluxctl.services.key_checks import check_anthropic_key, check_hub_token, says_nothing
from fluxctl.services.set_up.settings_steps import PUSH, UNASKED_REGISTRY
from fluxctl.settings.load import Settings

MOST_SECONDS = 20.0
"""For a registry, with all that it is asked."""


def check_image_name(environment: Environment, settings: Settings) -> Check:
    """Check that the pod's image is there and may be pulled."""
    renting = settings.secrets.runpod_api_key is not None
    if settings.values.pod.image is None and not renting:
        return skipped("image", "pod.image is not set; only a rented pod needs it")
    try:
        report = in_time(lambda: check_image(None, environment, settings), MOST_SECONDS, "the image's registry")
    except FluxctlError as error:
        if error.code in UNASKED_REGISTRY:
            return warning("image", error.message, error.hint)
        if error.code == "no_image_named":
            why = "pod.image is not set: a pod cannot be rented without one"
            return failed("image", SettingsError(why, hint=f"{PUSH} sets it; or fluxctl init --image REFERENCE", code="no_image"))
        return failed("image", error)
    size = f"{report.reference}, {report.image.size_bytes / 1e9:.1f} GB"
    return warning("image", "; ".join((size, *report.notes))) if report.notes else ok("image", size)


def check_hub(environment: Environment, settings: Settings) -> Check:
    """Check that HF_TOKEN may download the model that a rented pod loads first."""
    secrets = settings.secrets
    if secrets.hf_token is None and settings.values.runpod.hf_token_secret is not None:
        return skipped("HF_TOKEN", f"pods get it from RunPod's secret {settings.values.runpod.hf_token_secret}")
    if secrets.hf_token is None and secrets.runpod_api_key is None:
        return skipped("HF_TOKEN", "not set; only models behind a licence need it")
    return _checked("HF_TOKEN", lambda: check_hub_token(environment, settings))


def check_anthropic(environment: Environment, settings: Settings) -> Check:
    """Check the key with which prompts are rewritten."""
    if settings.secrets.anthropic_api_key is None:
        return skipped("ANTHROPIC_API_KEY", "not set; only gen --enhance needs it; prompts leave this computer only then")
    return _checked("ANTHROPIC_API_KEY", lambda: check_anthropic_key(environment, settings))


def _checked(name: str, check: Callable[[], str]) -> Check:
    try:
        return ok(name, check())
    except FluxctlError as error:
        return warning(name, error.message, error.hint) if says_nothing(error) else failed(name, error)
