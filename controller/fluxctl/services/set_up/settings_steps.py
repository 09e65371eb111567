"""Settles what is no key: the SSH key, the model, the wanted GPUs and the pod's image."""

from collections.abc import Callable
from dataclasses import dataclass

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, UsageError
from fluxctl.link.identity import find_identity, unlock_hint
from fluxctl.pods.offer import Offer
from fluxctl.services.image_check import ImageReport, check_image
from fluxctl.services.key_checks import wanted_model
from fluxctl.services.set_up.questions import NoAnswerError, Questions
from fluxctl.services.set_up.step import Step, StepResult, failed
from fluxctl.services.set_up.wish import SetUpWish
from fluxctl.services.volumes import wanted_gpus
from fluxctl.settings.change import set_value
from fluxctl.settings.load import Settings, load_settings
from fluxctl.settings.nearest import suggestion

PUSH = "make push IMAGE=ghcr.io/YOU/fluxctl-pod"
UNASKED_REGISTRY = frozenset({"registry_unreachable", "registry_limit", "registry_broken", "unreachable"})
"""Codes of errors that say nothing about the image."""


@dataclass
class SettingsSetUp:
    """Setting up the settings of one command."""

    environment: Environment
    wish: SetUpWish
    questions: Questions

    def ssh_key(self) -> Step:
        """Find the key that opens a pod, or make one."""
        try:
            if self.wish.ssh_key is not None:
                self.set("link.ssh_key", self.wish.ssh_key)
            link = load_settings(self.environment).values.link
            made = _missing(lambda: find_identity(self.environment, link, make=False))
            identity = find_identity(self.environment, link, make=True)
        except FluxctlError as error:
            return failed("ssh key", error)
        result = StepResult.CHANGED if made or self.wish.ssh_key is not None else StepResult.OK
        hint = unlock_hint(identity)
        note = "; it has a passphrase, which the agent must know" if hint else ""
        return Step("ssh key", result, f"{'made: ' if made else ''}{identity.words}{note}", hint)

    def model(self, settings: Settings) -> Step:
        """Settle which model pods load first."""
        if self.wish.model is None:
            return Step("model", StepResult.OK, wanted_model(settings))
        if self.wish.model not in settings.values.models:
            why = f"unknown model {self.wish.model}; {suggestion(self.wish.model, settings.values.models)}"
            return failed("model", UsageError(why, hint="fluxctl config show", code="unknown_model"))
        try:
            self.set("generate.model", self.wish.model)
        except FluxctlError as error:
            return failed("model", error)
        return Step("model", StepResult.CHANGED, self.wish.model)

    def gpus(self, settings: Settings, offers: Callable[[], tuple[Offer, ...]]) -> Step:
        """Settle which GPUs are wanted; a name that the market does not have is refused: it would look like no capacity for ever."""
        try:
            if not self.wish.gpu_types:
                return Step("gpus", StepResult.OK, ", ".join(wanted_gpus(settings)))
            names = tuple(dict.fromkeys(_known_gpu(name, offers()) for name in self.wish.gpu_types))
            self.set("runpod.gpu_types", ", ".join(names))
        except FluxctlError as error:
            return failed("gpus", error)
        return Step("gpus", StepResult.CHANGED, ", ".join(names))

    def image(self, settings: Settings) -> Step:
        """Settle which image pods run, after asking its registry."""
        try:
            if self.wish.registry_auth_id is not None:
                self.set("pod.registry_auth_id", self.wish.registry_auth_id)
            name = self.wish.image or settings.values.pod.image or self._asked_image()
            if not name:
                return self._without_image()
            step = self._checked_image(name)
            if name != settings.values.pod.image:
                self.set("pod.image", name)
                return Step(step.name, StepResult.CHANGED if step.result is StepResult.OK else step.result, step.detail, step.hint)
        except NoAnswerError:
            raise
        except FluxctlError as error:
            return failed("image", error)
        return step

    def set(self, key: str, value: str) -> None:
        """Write one setting into config.yaml; say what keeps it from holding."""
        change = set_value(self.environment, key, value)
        if change.warning:
            self.questions.tell(f"warning: {key}: {change.warning}")

    def _asked_image(self) -> str:
        if not self.questions.can_ask:
            return ""
        self.questions.tell(f"image: what a pod runs. {PUSH} builds, pushes and notes it (in a checkout); or name one that is pushed")
        return self.questions.text("image (Enter: later): ").strip()

    def _without_image(self) -> Step:
        hint = f"{PUSH} sets it; or fluxctl init --image REFERENCE"
        if self.questions.can_ask:
            return Step("image", StepResult.SKIPPED, "none yet: a pod cannot be rented without one", hint)
        return Step("image", StepResult.MISSING, "pod.image is not set: a pod cannot be rented without one", hint)

    def _checked_image(self, name: str) -> Step:
        """Ask the registry; one that cannot be asked now says nothing about the image."""
        try:
            report: ImageReport = check_image(name, self.environment, load_settings(self.environment))
        except FluxctlError as error:
            if error.code not in UNASKED_REGISTRY:
                raise
            return Step("image", StepResult.UNCHECKED, f"{name}; {error.message}", error.hint)
        return Step("image", StepResult.OK, "; ".join((str(report.reference), *report.notes)))


def _missing(find: Callable[[], object]) -> bool:
    """Return whether there is no key yet; raise whatever else is wrong."""
    try:
        find()
    except FluxctlError as error:
        if error.code != "no_key":
            raise
        return True
    return False


def _known_gpu(name: str, offers: tuple[Offer, ...]) -> str:
    """Given what was typed, return the market's id of the GPU type; raise UsageError with the nearest one."""
    wanted = " ".join(name.split()).casefold()
    types = {offer.gpu_type.casefold(): offer.gpu_type for offer in offers} | {
        offer.gpu_name.casefold(): offer.gpu_type for offer in offers
    }
    if wanted in types:
        return types[wanted]
    why = f"RunPod has no GPU type {name!r}; {suggestion(name, [*types.values(), *(offer.gpu_name for offer in offers)])}"
    raise UsageError(why, hint="fluxctl gpus", code="unknown_gpu")
