"""Turns the wishes of a commission into orders: one for each job, with complete recipes and the place where its pictures go."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fluxctl.environment import Environment
from fluxctl.errors import UsageError
from fluxctl.pictures.destination import Destination, destination_for
from fluxctl.pictures.formats import Encoding
from fluxctl.pictures.places import default_folder
from fluxctl.services.commission import Commission
from fluxctl.services.order import Order
from fluxctl.services.variants import Drafted, check_number
from fluxctl.settings.load import Settings
from fluxctl.settings.resolve import resolve
from fluxctl.wish import Wish


@dataclass(frozen=True)
class Draft:
    """One wish with its recipes, before its alternatives are written out."""

    wish: Wish
    jobs: tuple[Drafted, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Drafting:
    """Drafts the orders of one commission."""

    commission: Commission
    environment: Environment
    settings: Settings
    default_model: str

    def drafts(self, draw_seed: Callable[[], int]) -> list[Draft]:
        """Return a draft for each wish; raise UsageError, which names the line of a prompt file, for what cannot be made."""
        every = self.commission.every_combination
        drafts = list[Draft]()
        pictures = 0
        for wish in self.commission.wishes:
            drafts.append(self._draft(wish, draw_seed))
            pictures += sum(job.pictures(every=every) for job in drafts[-1].jobs)
            check_number(pictures, is_all=len(drafts) == len(self.commission.wishes))
        return drafts

    def destination(self, pictures: int) -> Destination:
        """Given how many pictures there will be, return where they go if their line says nothing else."""
        return self._destination(self.commission.out, pictures)

    def orders(self, drafts: Iterable[Draft], destination: Destination) -> list[Order]:
        """Given drafts and the common destination, return the orders."""
        return [order for draft in drafts for order in self._orders(draft, destination)]

    def _draft(self, wish: Wish, draw_seed: Callable[[], int]) -> Draft:
        try:
            resolution = resolve(wish, self.settings, default_model=self.default_model, draw_seed=draw_seed)
            settled = wish.recipe is not None and not wish.prompts
            jobs = tuple(Drafted.of(group, settled=settled) for group in resolution.recipes)
        except UsageError as error:
            raise _at(wish, error) from error
        return Draft(wish, jobs, resolution.notes)

    def _orders(self, draft: Draft, destination: Destination) -> Sequence[Order]:
        try:
            groups = [group for job in draft.jobs for group in job.groups(every=self.commission.every_combination)]
            if draft.wish.out is not None:
                destination = self._destination(self._out(draft.wish.out, destination), sum(len(group) for group in groups))
        except UsageError as error:
            raise _at(draft.wish, error) from error
        return [Order(recipes=group, destination=destination) for group in groups]

    def _out(self, out: str, destination: Destination) -> str:
        """Return a line's own place: a relative one lies in the folder of `--out`, if that names a folder."""
        if self.commission.out is None or destination.stem is not None or out.startswith("~"):
            return out
        return f"{destination.folder}/{out}" if not out.startswith("/") else out

    def _destination(self, out: str | None, pictures: int) -> Destination:
        chosen = self.settings.values.pictures
        metadata = chosen.metadata if self.commission.metadata is None else self.commission.metadata
        return destination_for(
            out,
            self.commission.format,
            pictures,
            default_folder(self.environment, chosen.folder),
            self.environment,
            configured_format=chosen.format,
            encoding=Encoding(metadata, chosen.jpeg_quality, chosen.webp_quality),
        )


def _at(wish: Wish, error: UsageError) -> UsageError:
    """Return the error with the line that it is about."""
    return UsageError(f"{wish.where}: {error.message}", hint=error.hint, code=error.code) if wish.where else error
