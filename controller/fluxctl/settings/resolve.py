"""Turns a wish into complete recipes: for each field the first word that was said about it.

Flag > chosen preset's entry for the model > chosen preset > setting > model card; with `--from`, the picture's recipe
stands in the place of preset and fields from settings. Nothing here reads a file or asks a clock.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fluxctl.recipe import PromptText, Recipe
from fluxctl.settings.limits import checked_guidance, checked_prompt, checked_sequence_length, checked_steps
from fluxctl.settings.load import Settings
from fluxctl.settings.model import ModelCard, PresetPart
from fluxctl.settings.negative import TWICE, negative_for
from fluxctl.settings.said import FROM, Said, first, named, setting
from fluxctl.settings.seeds import seeds_for
from fluxctl.settings.sizes import Size, size_for
from fluxctl.wish import Wish


@dataclass(frozen=True)
class Resolution:
    """What will be made."""

    recipes: tuple[tuple[Recipe, ...], ...]
    """One inner tuple for each prompt (one job), one recipe for each seed; every prompt gets the same seeds."""
    notes: tuple[str, ...]
    """What was decided otherwise than it was said."""


def resolve(wish: Wish, settings: Settings, *, default_model: str, draw_seed: Callable[[], int]) -> Resolution:
    """Given a wish and the provider's default model, return its recipes; raise UsageError for what cannot be made.

    `draw_seed` is asked once, and only if nobody named a seed: prompts that are made together can be compared.
    """
    model = model_for(wish, settings, default_model)
    card = settings.values.models[model]
    size = _size(wish, settings, model, card)
    seeds = seeds_for(wish, settings, draw_seed)
    negative, true_cfg = negative_for(wish)
    base = {
        "model": model,
        "source": card.source,
        "revision": card.revision,
        "width": size.width,
        "height": size.height,
        "steps": _steps(wish, settings, model, card),
        "guidance": _guidance(wish, settings, model, card),
        "maximum_sequence_length": _sequence_length(wish, model, card),
        "negative_prompt": negative,
        "true_cfg": true_cfg,
    }
    recipes = tuple(
        tuple(Recipe.model_validate({**base, "prompt": prompt, "clip_prompt": clip, "seed": seed}) for seed in seeds.seeds)
        for prompt, clip in _prompts(wish)
    )
    notes = (size.note, seeds.note, _other_source(wish, model, card), TWICE if true_cfg else "")
    return Resolution(recipes, tuple(note for note in notes if note))


def model_for(wish: Wish, settings: Settings, default_model: str) -> str:
    """Given a wish, return the name of its model card; raise UsageError if there is no such preset or model."""
    values = settings.values
    preset = _preset(wish, settings)
    candidates = [Said(wish.model, "--model"), Said(preset.value and values.presets[preset.value].model, preset.by)]
    if wish.recipe:
        candidates.append(Said(wish.recipe.model, FROM))
    else:
        candidates.append(setting(settings, "generate.model", values.generate.model))
    said = first(*candidates, Said(default_model, "the provider's default"))
    return named("model", said, values.models)


def _preset(wish: Wish, settings: Settings) -> Said[str | None]:
    """The preset that was chosen, by flag or, without a recipe to go by, by setting."""
    said = Said(wish.preset, "--preset")
    if wish.preset is None and wish.recipe is None:
        said = setting(settings, "generate.preset", settings.values.generate.preset)
    if said.value is not None:
        named("preset", Said(said.value, said.by), settings.values.presets)
    return said


def _preset_parts(wish: Wish, settings: Settings, model: str) -> Iterator[tuple[PresetPart, str]]:
    """What the chosen preset says, for this model first, each with the name it is said under."""
    preset = _preset(wish, settings).value
    if preset is not None:
        part = settings.values.presets[preset]
        if model in part.models:
            yield part.models[model], f"preset {preset} for {model}"
        yield part, f"preset {preset}"


def _size(wish: Wish, settings: Settings, model: str, card: ModelCard) -> Size:
    values, recipe = settings.values, wish.recipe
    presets = [Said(part.size, by) for part, by in _preset_parts(wish, settings, model)]
    last = Said(f"{recipe.width}x{recipe.height}", FROM) if recipe else setting(settings, "generate.size", values.generate.size)
    said = first(Said(wish.size, "--size"), *presets, last)
    return size_for(said.value, said.by, card, model, values.sizes)


def _steps(wish: Wish, settings: Settings, model: str, card: ModelCard) -> int:
    presets = [Said(part.steps, by) for part, by in _preset_parts(wish, settings, model)]
    recipe = wish.recipe
    below = Said(recipe.steps, FROM) if recipe else setting(settings, "generate.steps", settings.values.generate.steps)
    return checked_steps(first(Said(wish.steps, "--steps"), *presets, below, Said(card.steps, f"model card {model}")))


def _guidance(wish: Wish, settings: Settings, model: str, card: ModelCard) -> float:
    presets = [Said(part.guidance, by) for part, by in _preset_parts(wish, settings, model)]
    recipe = wish.recipe
    below = Said(recipe.guidance, FROM) if recipe else setting(settings, "generate.guidance", settings.values.generate.guidance)
    return checked_guidance(first(Said(wish.guidance, "--guidance"), *presets, below, Said(card.guidance, f"model card {model}")))


def _sequence_length(wish: Wish, model: str, card: ModelCard) -> int:
    """The card's; the picture's own where the same model makes it again."""
    if wish.recipe and wish.recipe.model == model:
        return checked_sequence_length(Said(wish.recipe.maximum_sequence_length, FROM))
    return card.maximum_sequence_length


def _prompts(wish: Wish) -> list[tuple[PromptText, str | None]]:
    """Each prompt with what CLIP reads of it; the recipe's own if no other was typed."""
    clip = None if wish.clip_prompt is None else checked_prompt(Said(wish.clip_prompt, "--clip-prompt"))
    if wish.prompts or wish.recipe is None:
        texts = [checked_prompt(Said(prompt, "the prompt")) for prompt in wish.prompts or ("",)]
        return [(PromptText(typed=text, used=text), clip) for text in texts]
    recipe = wish.recipe
    for text in (recipe.prompt.used, recipe.prompt.typed, recipe.clip_prompt or recipe.prompt.used):
        checked_prompt(Said(text, FROM))
    return [(recipe.prompt, recipe.clip_prompt if clip is None else clip)]


def _other_source(wish: Wish, model: str, card: ModelCard) -> str:
    """A picture's own source is not followed, since anybody can write one into a file; but it is said when it differs."""
    recipe = wish.recipe
    if recipe is None or recipe.model != model or (recipe.source, recipe.revision) == (card.source, card.revision):
        return ""
    return f"the picture was made with {model} from {recipe.source}; here it comes from {card.source}, so the pixels may differ"
