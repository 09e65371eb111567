"""A commission: what the person wants done, and where the pictures go; the wishes say what they show."""

from dataclasses import dataclass, field
from pathlib import Path

from fluxctl.pictures.stored import StoredPicture
from fluxctl.services.renting import RentFlags
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
    rent: RentFlags = field(default_factory=RentFlags)
    """What was said of a machine that has to be rented."""
    prompt_file: Path | None = None
    """Where the wishes' prompts were read; what an earlier run of it made is not made again."""
    every_combination: bool = False
    """Whether all alternatives of a prompt are made; otherwise each seed draws one."""
    again: bool = False
    """Whether everything is made, also what an earlier run of the prompt file made."""
    grid: bool = False
    """Whether a contact sheet is made of all pictures."""
    original: StoredPicture | None = None
    """The picture of `--from`."""
    enhance: bool | None = None
    """Whether Claude rewrites the prompts."""
    enhance_required: bool = False
    """Whether it is an error that it cannot."""
    refresh: bool = False
    """Whether it is asked anew."""

    @property
    def text_is_settled(self) -> bool:
        """Return whether the prompt comes from a picture, whole: nothing is drawn from it, enhanced or fitted any more."""
        return all(wish.recipe is not None and not wish.prompts for wish in self.wishes)

    @property
    def is_fitted(self) -> bool:
        """Return whether the text for CLIP is still to be made of what was typed."""
        return not self.text_is_settled or any(wish.clip_prompt is not None for wish in self.wishes)

    def is_enhanced(self, by_setting: bool) -> bool:
        """Given the setting `enhance.enabled`, return whether Claude is asked."""
        wanted = by_setting if self.enhance is None else self.enhance
        return (wanted or self.enhance_required) and not self.text_is_settled
