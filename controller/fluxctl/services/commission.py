"""A commission: what the person wants done, and where the pictures go; the wishes say what they show."""

from dataclasses import dataclass

from fluxctl.pictures.stored import StoredPicture
from fluxctl.wish import Wish


@dataclass(frozen=True)
class Commission:
    """What the person wants done; None: the settings decide."""

    wishes: tuple[Wish, ...]
    """One, or one for each line of a prompt file."""
    out: str | None = None
    format: str | None = None
    metadata: bool | None = None
    open: bool | None = None
    provider: str | None = None
    original: StoredPicture | None = None
    """The picture of `--from`."""

    @property
    def text_is_settled(self) -> bool:
        """Return whether the prompt comes from a picture, whole: nothing is drawn from it, enhanced or fitted any more."""
        return all(wish.recipe is not None and not wish.prompts for wish in self.wishes)
