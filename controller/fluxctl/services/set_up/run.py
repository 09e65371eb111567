"""Goes through everything that has to be there before a pod can be rented, and leaves alone what is."""

import shlex
from dataclasses import dataclass, field

from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, InterruptedByUser, SettingsError
from fluxctl.pods.volume import NetworkVolume
from fluxctl.services.account import runpod_account
from fluxctl.services.key_checks import (
    account_words,
    check_anthropic_key,
    check_hub_token,
    check_runpod_key,
    needs_hub,
    wanted_model,
)
from fluxctl.services.other_account import pods_of_others
from fluxctl.services.set_up.keys import KeyKind, KeySetUp
from fluxctl.services.set_up.questions import NoAnswerError, Questions
from fluxctl.services.set_up.settings_steps import SettingsSetUp
from fluxctl.services.set_up.step import Step, StepResult, failed
from fluxctl.services.set_up.volume_step import VolumeSetUp
from fluxctl.services.set_up.wish import SetUpWish
from fluxctl.settings.env_write import close_to_others, user_config_env
from fluxctl.settings.load import Settings, load_settings
from fluxctl.settings.secrets import Secrets

RUNPOD_PAGE = "https://console.runpod.io/user/settings"
HUB_PAGE = "https://huggingface.co/settings/tokens"
PRIVATE_FOLDER = 0o700
ANTHROPIC_PAGE = "https://console.anthropic.com/settings/keys"


@dataclass
class SetUp:
    """Setting up for one person. `steps` fills while it runs, so that what was done before an interruption can be told."""

    environment: Environment
    wish: SetUpWish
    questions: Questions
    steps: list[Step] = field(default_factory=list[Step])
    volume: NetworkVolume | None = None
    volume_created: bool = False

    def run(self) -> None:
        """Take every step; one that fails does not keep the others from being taken. Raise SettingsError when the settings are broken."""
        writer = SettingsSetUp(self.environment, self.wish, self.questions)
        self._close_to_others()
        settings = load_settings(self.environment)
        self._make_folder()
        for note in settings.notes:
            self.questions.tell(note)
        settings = self._key(self._runpod_kind(), settings)
        self._add(writer.model(settings))
        settings = self._key(self._hub_kind(self._with_written(settings)), self._with_written(settings))
        settings = self._key(self._anthropic_kind(), settings)
        self._add(writer.ssh_key())
        self._add(writer.image(self._with_written(settings)))
        self._market(writer, self._with_written(settings))
        self._warn_of_hidden_keys(settings.secrets)

    def _close_to_others(self) -> None:
        """Take the user's own config.env from the eyes of others, and say so: what it holds may have been read."""
        path = user_config_env(self.environment)
        if close_to_others(path):
            self.questions.tell(f"warning: others on this computer could read {path} until now; keys that stood in it may be known to them")

    def _make_folder(self) -> None:
        """Make the config folder, for this user only; a folder that is made on the way to a file would be open to others."""
        folder = self.environment.paths.config
        try:
            folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        except OSError as error:
            why = f"the config folder {folder} cannot be made: {error.strerror}"
            raise SettingsError(why, hint=f"ls -ld {shlex.quote(str(folder.parent))}", code="config_folder") from error

    def _market(self, writer: SettingsSetUp, settings: Settings) -> None:
        """Settle GPUs and volume, which only RunPod can tell about."""
        if settings.secrets.runpod_api_key is None or self._refused("RUNPOD_API_KEY"):
            for name in ("gpus", "volume"):
                self._add(Step(name, StepResult.SKIPPED, "RUNPOD_API_KEY comes first"))
            return
        try:
            with runpod_account(self.environment, settings) as api:
                self._add(writer.gpus(settings, api.offers))
                volumes = VolumeSetUp(api, self._with_written(settings), self.wish, self.questions, writer)
                self._add(volumes.step())
                self.volume, self.volume_created = volumes.settled, volumes.created
        except (NoAnswerError, InterruptedByUser):
            raise
        except FluxctlError as error:
            self._add(failed("runpod", error))

    def _runpod_kind(self) -> KeyKind:
        def check(settings: Settings) -> str:
            account = check_runpod_key(self.environment, settings)
            self._warn_of_other_account(settings, account.id)
            return account_words(account)

        return KeyKind("RUNPOD_API_KEY", "renting a GPU at RunPod", RUNPOD_PAGE, check, needed=True)

    def _hub_kind(self, settings: Settings) -> KeyKind:
        def check(candidate: Settings) -> str:
            return check_hub_token(self.environment, candidate)

        model = wanted_model(settings)
        page = settings.values.models[model].page
        needed = needs_hub(settings, model) and settings.values.runpod.hf_token_secret is None
        where = f"{HUB_PAGE} (read), after accepting the licence at {page}" if needed and page else HUB_PAGE
        return KeyKind("HF_TOKEN", f"downloading {model}" if needed else "downloading a model behind a licence", where, check, needed)

    def _anthropic_kind(self) -> KeyKind:
        def check(settings: Settings) -> str:
            return check_anthropic_key(self.environment, settings)

        return KeyKind("ANTHROPIC_API_KEY", "having prompts rewritten (gen --enhance)", ANTHROPIC_PAGE, check, needed=False)

    def _key(self, kind: KeyKind, settings: Settings) -> Settings:
        outcome = KeySetUp(self.environment, self.wish, self.questions).settle(kind, settings)
        self._add(outcome.step)
        return outcome.settings

    def _with_written(self, settings: Settings) -> Settings:
        """Return what stands in the files by now, with the keys of this run."""
        written = load_settings(self.environment)
        return Settings(written.values, written.origins, settings.secrets, ())

    def _refused(self, name: str) -> bool:
        return any(step.name == name and step.result is StepResult.FAILED for step in self.steps)

    def _warn_of_other_account(self, settings: Settings, account_id: str) -> None:
        """Say which pods go on costing where this key cannot end them."""
        secret = settings.secrets.runpod_api_key
        if secret is not None and (pods := pods_of_others(self.environment, secret.reveal(), account_id)):
            self.questions.tell(
                f"warning: {', '.join(pods)} was rented by another account, and may go on costing there; only its key ends it: fluxctl down"
            )

    def _warn_of_hidden_keys(self, settled: Secrets) -> None:
        """Say which key something else hides that goes before config.env: commands would use the other one."""
        seen = load_settings(self.environment).secrets.by_variable()
        for name, secret in settled.by_variable().items():
            above = seen[name]
            if secret is not None and above is not None and above.reveal() != secret.reveal():
                own = user_config_env(self.environment)
                self.questions.tell(f"warning: {above.origin.text} goes before the {name} that was kept in {own}")

    def _add(self, step: Step) -> None:
        self.steps.append(step)
        self.questions.tell(f"{step.name:<18}{step.result:<10}{step.detail}")
        if step.hint:
            self.questions.tell(f"{'':<18}→ {step.hint}")
