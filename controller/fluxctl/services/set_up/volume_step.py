"""Settles which network volume keeps models and jobs: the one that is set, one of the account's, a new one, or none."""

from dataclasses import dataclass

from fluxctl.errors import DeclinedError, FluxctlError, NoCapacityError, UsageError
from fluxctl.pods.volume import NetworkVolume
from fluxctl.pods.volume_price import storage_usd_per_month
from fluxctl.providers.runpod.api import RunpodApi
from fluxctl.services.set_up.questions import Questions
from fluxctl.services.set_up.settings_steps import SettingsSetUp
from fluxctl.services.set_up.step import Step, StepResult, failed
from fluxctl.services.set_up.wish import NEW, NONE, SetUpWish
from fluxctl.services.volumes import (
    OWN_NAME,
    VolumePlan,
    VolumeView,
    VolumeWish,
    list_volumes,
    make_volume,
    plan_volume,
    volume_gone,
)
from fluxctl.settings.load import Settings
from fluxctl.settings.nearest import suggestion

NAME = "volume"


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
        except FluxctlError as error:
            return failed(NAME, error)

    def _step(self) -> Step:
        wanted = self.wish.volume
        if wanted == NONE:
            if self.settings.values.runpod.volume_id is not None:
                self.writer.set("runpod.volume_id", "null")
            return Step(NAME, StepResult.SKIPPED, "none, as asked: every pod downloads the model anew")
        views = list_volumes(self.api, self.settings)
        if wanted == NEW or (wanted is None and self._wants_a_new_one):
            return self._new(views)
        if wanted is not None:
            return self._take(_named(wanted, views))
        chosen = next((view for view in views if view.chosen), None)
        if chosen is not None:
            return self._keep(chosen)
        return self._proposed(views)

    @property
    def _wants_a_new_one(self) -> bool:
        """Return whether something was said that only a new volume has, while none is set."""
        said = (self.wish.volume_size_gb, self.wish.volume_name, self.wish.data_center)
        return self.settings.values.runpod.volume_id is None and any(word is not None for word in said)

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
        options = [*(f"use {_words(view)}" for view in views)]
        options += [f"make {plan.words}"] if plan else []
        options += ["none: every pod downloads the model anew"]
        if why:
            self.questions.tell(why)
        place = self.questions.choose("volume: it keeps models and jobs from pod to pod, and is paid by the month", options)
        if place < len(views):
            return self._take(views[place])
        if plan is not None and place == len(views):
            return self._make(plan)
        return Step(NAME, StepResult.SKIPPED, "none: every pod downloads the model anew", "fluxctl init --volume new")

    def _planned(self, views: tuple[VolumeView, ...]) -> tuple[VolumePlan | None, str]:
        try:
            return self._plan(views), ""
        except (NoCapacityError, UsageError) as error:
            return None, f"{error.message} ({error.hint})"

    def _new(self, views: tuple[VolumeView, ...]) -> Step:
        plan = self._plan(views)
        if not self.wish.yes:
            if not self.questions.can_ask:
                hint = "add --yes to make it"
                return Step(NAME, StepResult.MISSING, f"{plan.words}: nobody said that it may be paid", hint)
            if not self.questions.agrees(f"Make {plan.words}? It is paid until it is deleted."):
                raise DeclinedError("declined; no volume was made", hint="fluxctl init --volume ID, or none")
        return self._make(plan)

    def _plan(self, views: tuple[VolumeView, ...]) -> VolumePlan:
        wish = VolumeWish(self.wish.volume_name, self.wish.volume_size_gb, self.wish.data_center)
        return plan_volume(self.api, self.settings, wish, [view.volume for view in views])

    def _make(self, plan: VolumePlan) -> Step:
        volume = make_volume(self.api, plan)
        self.settled, self.created = volume, True
        self.writer.set("runpod.volume_id", volume.id)
        price = f"${storage_usd_per_month(volume.size_gb):.2f} a month from now on"
        return Step(NAME, StepResult.CHANGED, f"made {volume.id}: {volume.size_gb} GB in {volume.data_center}, {price}")

    def _take(self, view: VolumeView) -> Step:
        self.settled = view.volume
        if view.chosen:
            return self._keep(view)
        self.writer.set("runpod.volume_id", view.volume.id)
        return Step(NAME, StepResult.CHANGED, _words(view))

    def _keep(self, view: VolumeView) -> Step:
        self.settled = view.volume
        return Step(NAME, StepResult.OK, _words(view))


def _words(view: VolumeView) -> str:
    """Return a volume for people."""
    volume = view.volume
    has = f"has {', '.join(view.in_stock)}" if view.in_stock else "none of the wanted GPUs in stock there now"
    return f"{volume.id} ({volume.name}): {volume.size_gb} GB in {volume.data_center}, ${view.usd_per_month:.2f} a month; {has}"


def _named(wanted: str, views: tuple[VolumeView, ...]) -> VolumeView:
    """Return the volume of an id or a name; raise UsageError where there is none, or more than one."""
    found = [view for view in views if view.volume.id == wanted] or [view for view in views if view.volume.name == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(view.volume.id for view in found)
        raise UsageError(f"several volumes are called {wanted}: {ids}", hint=f"--volume {found[0].volume.id}", code="ambiguous_volume")
    names = [name for view in views for name in (view.volume.id, view.volume.name)]
    why = f"the account has no volume {wanted}; {suggestion(wanted, names) or 'it has none'}"
    raise UsageError(why, hint="fluxctl volume ls, or --volume new", code="unknown_volume")
