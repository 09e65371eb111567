"""Gets one key, checks it with a cheap call, and keeps it in config.env."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError
from fluxctl.services.key_checks import REFUSED, says_nothing
from fluxctl.services.set_up.questions import Questions
from fluxctl.services.set_up.step import Step, StepResult, failed
from fluxctl.services.set_up.wish import SetUpWish
from fluxctl.settings import env_file
from fluxctl.settings.env_write import user_config_env, write_variables
from fluxctl.settings.load import Settings
from fluxctl.settings.origin import Layer, Origin
from fluxctl.settings.places import SettingsFile, contents
from fluxctl.settings.secrets import SECRET_FIELDS, Secret
from fluxctl.settings.yaml_file import decoded

MOST_TRIES = 3
Check = Callable[[Settings], str]
"""Given settings that hold the key, return what its owner says; raise what is wrong with it."""


@dataclass(frozen=True)
class KeyKind:
    """A key that may be asked for."""

    name: str
    """Of the variable."""
    purpose: str
    page: str
    """Where it is made."""
    check: Check
    needed: bool


@dataclass(frozen=True)
class KeyOutcome:
    """What became of a key, and the settings with it."""

    step: Step
    settings: Settings


@dataclass
class KeySetUp:
    """Setting up the keys of one command."""

    environment: Environment
    wish: SetUpWish
    questions: Questions

    def settle(self, kind: KeyKind, settings: Settings) -> KeyOutcome:
        """Given a kind of key and the settings so far, return what became of it; nothing that was refused is kept."""
        given, known = self.wish.secrets.get(kind.name), settings.secrets.by_variable()[kind.name]
        if given is not None:
            return self._tried(kind, settings, given, "from the secrets file", write=True)
        if known is not None:
            return self._known(kind, settings, known)
        if self.questions.can_ask:
            return self._asked(kind, settings, self._without(kind, settings))
        return self._without(kind, settings)

    def _known(self, kind: KeyKind, settings: Settings, known: Secret) -> KeyOutcome:
        """Check a key that is set; one that only the environment holds is written too, one that stands in config.env stays."""
        from_environment = known.origin.layer is Layer.ENVIRONMENT
        write = from_environment and self.wish.save_keys and not self._stands_in_file(kind.name)
        outcome = self._tried(kind, settings, known.reveal(), f"from {known.origin.text}", write=write)
        refused = outcome.step.problem is not None and outcome.step.problem.code in REFUSED
        if refused and self.questions.can_ask and not from_environment:
            self.questions.tell(outcome.step.detail)
            return self._asked(kind, settings, outcome)
        return outcome

    def _asked(self, kind: KeyKind, settings: Settings, otherwise: KeyOutcome) -> KeyOutcome:
        """Ask until a key is not refused; `otherwise`: what it is when nothing is typed."""
        self.questions.tell(f"{kind.name}: {kind.purpose}. Made at {kind.page}")
        outcome = otherwise
        for _ in range(MOST_TRIES):
            typed = self.questions.secret(f"{kind.name} (Enter: {'later' if kind.needed else 'without it'}): ").strip()
            if not typed:
                return otherwise
            outcome = self._tried(kind, settings, typed, "typed", write=True)
            if outcome.step.problem is None or outcome.step.problem.code not in REFUSED:
                return outcome
            self.questions.tell(outcome.step.detail)
        return outcome

    def _tried(self, kind: KeyKind, settings: Settings, value: str, source: str, *, write: bool) -> KeyOutcome:
        """Check a key, and write it unless it is refused."""
        candidate = with_secret(settings, kind.name, value, self.environment)
        problem: FluxctlError | None = None
        said = ""
        try:
            said = kind.check(candidate)
        except FluxctlError as error:
            problem = error
        if problem is not None and problem.code in REFUSED:
            return KeyOutcome(failed(kind.name, problem), settings)
        changed = write and self._written(kind.name, value)
        if problem is not None and not says_nothing(problem):
            return KeyOutcome(failed(kind.name, problem), candidate)
        kept = f"{source}; kept in {user_config_env(self.environment)}" if changed else source
        if problem is not None:
            return KeyOutcome(Step(kind.name, StepResult.UNCHECKED, f"{kept}; {problem.message}", problem.hint), candidate)
        return KeyOutcome(Step(kind.name, StepResult.CHANGED if changed else StepResult.OK, f"{said} ({kept})"), candidate)

    def _without(self, kind: KeyKind, settings: Settings) -> KeyOutcome:
        if not kind.needed:
            return KeyOutcome(Step(kind.name, StepResult.SKIPPED, f"not set; only {kind.purpose} needs it"), settings)
        hint = f"make one at {kind.page}, then fluxctl init; or fluxctl init --secrets-file FILE with {kind.name}=… in it"
        return KeyOutcome(Step(kind.name, StepResult.MISSING, f"not set; {kind.purpose} needs it", hint), settings)

    def _written(self, name: str, value: str) -> bool:
        """Write a key unless it stands there already; return whether it was written."""
        if self._stands_in_file(name) == value:
            return False
        write_variables(self.environment, {name: value})
        return True

    def _stands_in_file(self, name: str) -> str | None:
        """Return what the user's own config.env says, None for nothing."""
        path = user_config_env(self.environment)
        data = contents(SettingsFile(Layer.USER_CONFIG_ENV, path))
        entries = env_file.parsed(decoded(data, str(path)), str(path), Layer.USER_CONFIG_ENV) if data is not None else []
        return next((entry.value.strip() or None for entry in entries if entry.name == name), None)


def with_secret(settings: Settings, name: str, value: str, environment: Environment) -> Settings:
    """Given settings and a key, return them with it, as if it stood in the user's config.env."""
    secret = Secret(value, Origin(Layer.USER_CONFIG_ENV, str(user_config_env(environment)), None, name))
    return replace(settings, secrets=replace(settings.secrets, **{SECRET_FIELDS[name]: secret}))
