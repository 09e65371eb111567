"""Settles which network volume keeps models and jobs: the one that is set, one of the account's, a new one, or none."""

from dataclasses import dataclass

from fluxctl.errors import DeclinedError, FluxctlError, InterruptedByUser, NoCapacityError, UsageError
from fluxctl.pods.volume import NetworkVolume
from fluxctl.providers.runpod.api import RunpodApi
from fluxctl.services.set_up.questions import NoAnswerError, Questions
from fluxctl.services.set_up.settings_steps import SettingsSetUp
from fluxctl.services.set_up.step import Step, StepResult, failed
from fluxctl.services.set_up.wish import NEW, NONE, SetUpWish
from fluxctl.services.volume_plan import OWN_NAME, VolumePlan, VolumeWish, free_name, make_volume, plan_volume
from fluxctl.services.volumes import VolumeView, list_volumes, volume_gone, volume_misfit, volume_words
from fluxctl.settings.load import Settings
from fluxctl.settings.nearest import suggestion
from fluxctl.settings.origin import Layer

NAME = "volume"
KEY = "runpod.volume_id"
WITHOUT = "none: every pod downloads the model anew, while it costs"
ANOTHER = "fluxctl init --volume new makes one, after showing its price"


@dataclass
class VolumeSetUp:
    """Setting up the volume of one command."""

    api: RunpodApi
    settings: Settings
    wish: SetUpWish
    questions: Questions
    writer: SettingsSetUp
    settled: NetworkVolume | None = None
    created: bool = False

    def step(self) -> Step:
        """Settle it; nothing is made without a yes."""
        try:
            return self._step()
        except (NoAnswerError, InterruptedByUser):
            raise
        except FluxctlError as error:
            return failed(NAME, error)

    def _step(self) -> Step:
        wanted = self.wish.volume
        self._refuse_what_is_not_new()
        if wanted == NONE:
            return self._none()
        if wanted is None and not self._described and self._has_none:
            return Step(NAME, StepResult.SKIPPED, f"{WITHOUT} (as decided: {self.settings.origins[KEY].text})", ANOTHER)
        views = list_volumes(self.api, self.settings)
        if wanted == NEW or (wanted is None and self._described):
            return self._new(views)
        if wanted is not None:
            return self._take(_named(wanted, views))
        chosen = next((view for view in views if view.chosen), None)
        if chosen is not None:
            return self._keep(chosen)
        return self._proposed(views)

    @property
    def _has_none(self) -> bool:
        """Return whether it was decided that there is to be none: a null that somebody wrote, not the default."""
        return self.settings.values.runpod.volume_id is None and self.settings.origins[KEY].layer > Layer.DEFAULTS

    def _none(self) -> Step:
        """Note that there is to be none, so that it is not asked again."""
        if not self._has_none:
            self.writer.set(KEY, "null")
        return Step(NAME, StepResult.SKIPPED, WITHOUT, ANOTHER)

    @property
    def _described(self) -> list[str]:
        """Return the flags that were said and that only a new volume has."""
        wish = self.wish
        said = {"--volume-size": wish.volume_size_gb, "--volume-name": wish.volume_name, "--data-center": wish.data_center}
        return [flag for flag, value in said.items() if value is not None]

    def _refuse_what_is_not_new(self) -> None:
        """Raise UsageError where a new volume is described and another one meant: nothing that was said is passed over in silence."""
        meant = self.wish.volume or self.settings.values.runpod.volume_id or NEW
        if self._described and meant != NEW:
            why = f"{', '.join(self._described)} describes a new volume, and the volume is to be {meant}"
            raise UsageError(why, hint="fluxctl init --volume new …, or without it", code="volume_not_new")

    def _proposed(self, views: tuple[VolumeView, ...]) -> Step:
        """Nothing that is there is set: propose, and let the person decide."""
        lost = self.settings.values.runpod.volume_id
        if lost is not None and not (self.questions.can_ask or self.wish.yes):
            raise volume_gone(lost)
        if lost is not None:
            self.questions.tell(f"warning: {volume_gone(lost).message}")
        if self.questions.can_ask and not self.wish.yes:
            return self._asked(views)
        if self.wish.yes:
            own = next((view for view in views if view.volume.name.startswith(OWN_NAME) and view.in_stock), None)
            return self._take(own) if own is not None else self._new(views)
        there = f"; the account has {', '.join(view.volume.id for view in views)}" if views else ""
        hint = "fluxctl init --yes takes the best place; or fluxctl init --volume ID, new, or none"
        return Step(NAME, StepResult.MISSING, f"runpod.volume_id is not set{there}", hint)

    def _asked(self, views: tuple[VolumeView, ...]) -> Step:
        """Let the person choose among the account's volumes, a new one, and none."""
        plan, why = self._planned(views)
        options = [f"use {view.words}" for view in views]
        options += [f"make {plan.words}"] if plan else []
        options += [WITHOUT]
        if why:
            self.questions.tell(why)
        place = self.questions.choose("volume: it keeps models and jobs from pod to pod, and is paid by the month", options)
        if place < len(views):
            return self._take(views[place])
        if plan is not None and place == len(views):
            return self._make(plan)
        return self._none()

    def _planned(self, views: tuple[VolumeView, ...]) -> tuple[VolumePlan | None, str]:
        """Return the new volume that is offered; none, and why, where it cannot be."""
        try:
            return self._plan(views, self.wish.volume_name or free_name([view.volume for view in views])), ""
        except (NoCapacityError, UsageError) as error:
            return None, f"no new volume: {error.message} ({error.hint})"

    def _new(self, views: tuple[VolumeView, ...]) -> Step:
        plan = self._plan(views, self.wish.volume_name)
        if not self.wish.yes:
            if not self.questions.can_ask:
                hint = "add --yes to make it"
                return Step(NAME, StepResult.MISSING, f"{plan.words}: nobody said that it may be paid", hint)
            self.questions.tell(f"volume: {plan.words}")
            if not self.questions.agrees(f"Make it? It costs ${plan.usd_per_month:.2f} a month until it is deleted."):
                raise DeclinedError("declined; no volume was made", hint="fluxctl init --volume ID, or none")
        return self._make(plan)

    def _plan(self, views: tuple[VolumeView, ...], name: str | None) -> VolumePlan:
        wish = VolumeWish(name, self.wish.volume_size_gb, self.wish.data_center, "--volume-name", "--volume-size")
        return plan_volume(self.api, self.settings, wish, [view.volume for view in views])

    def _make(self, plan: VolumePlan) -> Step:
        volume = make_volume(self.api, plan)
        self.settled, self.created = volume, True
        words = f"made {volume_words(volume)} from now on"
        try:
            self.writer.set(KEY, volume.id)
        except FluxctlError as error:
            problem = type(error)(f"{words}; but it could not be noted: {error.message}", hint=error.hint, code=error.code)
            return failed(NAME, problem)
        return self._fitting(Step(NAME, StepResult.CHANGED, words))

    def _take(self, view: VolumeView) -> Step:
        self.settled = view.volume
        if view.chosen:
            return self._keep(view)
        self.writer.set(KEY, view.volume.id)
        return self._fitting(Step(NAME, StepResult.CHANGED, view.words))

    def _keep(self, view: VolumeView) -> Step:
        self.settled = view.volume
        return self._fitting(Step(NAME, StepResult.OK, view.words))

    def _fitting(self, step: Step) -> Step:
        """Return the step; the failure in its place where other settings keep every pod from having the volume."""
        misfit = volume_misfit(self.settled, self.settings) if self.settled else None
        return failed(NAME, misfit) if misfit else step


def _named(wanted: str, views: tuple[VolumeView, ...]) -> VolumeView:
    """Return the volume of an id or a name; raise UsageError where there is none, or more than one."""
    found = [view for view in views if view.volume.id == wanted] or [view for view in views if view.volume.name == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(view.volume.id for view in found)
        raise UsageError(f"several volumes are called {wanted}: {ids}", hint=f"--volume {found[0].volume.id}", code="ambiguous_volume")
    names = [name for view in views for name in (view.volume.id, view.volume.name)]
    why = f"the account has no volume {wanted}; {suggestion(wanted, names) or 'it has none at all'}"
    raise UsageError(why, hint="fluxctl volume ls, or --volume new", code="unknown_volume")
