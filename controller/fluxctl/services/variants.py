"""Writes out the alternatives of prompts: all of them, or for each picture the one that its seed draws."""

from dataclasses import dataclass

from fluxctl.errors import UsageError
from fluxctl.prompts import alternatives
from fluxctl.prompts.alternatives import Template
from fluxctl.recipe import PromptText, Recipe
from fluxctl.settings.limits import checked_prompt, shown
from fluxctl.settings.said import Said

MOST_PICTURES = 10_000
"""Of one command: more is a slip of the pen, or work for a script."""
Group = tuple[Recipe, ...]
"""The recipes of one job: they differ in their seeds alone."""


@dataclass(frozen=True)
class Drafted:
    """A job whose prompt may hold alternatives."""

    recipes: Group
    template: Template

    @classmethod
    def of(cls, recipes: Group, *, settled: bool = False) -> "Drafted":
        """Given recipes with one prompt, return the draft; raise UsageError for braces that do not match. The prompt of a picture is
        settled: nothing is drawn from it."""
        prompt = recipes[0].prompt.typed
        return cls(recipes, (prompt,) if settled else alternatives.parse(prompt))

    def pictures(self, *, every: bool) -> int:
        """Return how many pictures it stands for."""
        return len(self.recipes) * (alternatives.count(self.template) if every else 1)

    def groups(self, *, every: bool) -> list[Group]:
        """Return the jobs, each with one prompt: for every combination all seeds; or each seed with the combination that it draws,
        and those that draw the same together, in the order of their first seed."""
        source = self.recipes[0].prompt.typed
        if self.template == (source,):
            return [self.recipes]
        if every:
            texts = dict.fromkeys(alternatives.every(self.template))
            return [tuple(_with(recipe, text) for recipe in self.recipes) for text in texts]
        drawn: dict[str, list[Recipe]] = {}
        for recipe in self.recipes:
            text = alternatives.drawn(self.template, source, recipe.seed)
            drawn.setdefault(text, []).append(_with(recipe, text))
        return [tuple(group) for group in drawn.values()]


def check_number(pictures: int, *, is_all: bool) -> None:
    """Raise UsageError, which names the number, for more pictures than one command makes; `is_all`: there are no more than these."""
    if pictures > MOST_PICTURES:
        raise UsageError(
            f"that would be {'' if is_all else 'at least '}{shown(pictures)} pictures; one command makes at most {MOST_PICTURES}",
            hint="leave out --all, or alternatives, prompts or seeds",
            code="too_many_pictures",
        )


def _with(recipe: Recipe, text: str) -> Recipe:
    """Return the recipe with a prompt that was written out."""
    if text == recipe.prompt.typed:
        return recipe
    prompt = checked_prompt(Said(text.strip(), "one of the combinations"))
    return recipe.model_copy(update={"prompt": PromptText(typed=prompt, used=prompt)})
