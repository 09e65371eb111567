"""From a wish to recipes: which word counts, what is refused, and what is said."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluxctl.errors import ExitCode, UsageError
from fluxctl.recipe import PromptText, Recipe, job_request
from fluxctl.settings.model import ModelCard, PresetPart
from fluxctl.settings.resolve import model_for, resolve
from fluxctl.wish import Wish
from fluxpod.protocol import LARGEST_SEED

FOX = Wish(prompts=("a fox",))
PICTURE = Recipe(
    model="embedded",
    source="embedded",
    prompt=PromptText(typed="fox", used="a red fox", enhanced=True),
    clip_prompt="fox",
    width=192,
    height=336,
    steps=9,
    guidance=2.5,
    maximum_sequence_length=100,
    seed=41,
)


@pytest.fixture
def settings(world):
    return world.load()


def made(wish, settings, **others):
    """The recipes of the first prompt."""
    return resolve(wish, settings, default_model=others.pop("default_model", "embedded"), draw_seed=lambda: 5, **others).recipes[0]


def refused(wish, settings):
    with pytest.raises(UsageError) as caught:
        resolve(wish, settings, default_model="embedded", draw_seed=lambda: 5)
    assert caught.value.exit_code == ExitCode.USAGE and caught.value.hint
    return caught.value


def test_without_a_word_the_model_card_decides(settings):
    (recipe,) = made(FOX, settings)
    assert (recipe.model, recipe.source, recipe.width, recipe.height) == ("embedded", "embedded", 256, 256)
    assert (recipe.steps, recipe.guidance, recipe.maximum_sequence_length, recipe.seed) == (20, 3.5, 192, 5)
    (recipe,) = made(FOX, settings, default_model="FLUX.1-dev")
    assert (recipe.source, recipe.width, recipe.steps, recipe.maximum_sequence_length) == ("black-forest-labs/FLUX.1-dev", 1024, 28, 512)


SPEAKERS = ["card", "setting", "preset", "preset for the model", "flag"]


@given(said=st.dictionaries(st.sampled_from(SPEAKERS[1:]), st.integers(1, 99), min_size=0), field=st.sampled_from(["steps", "guidance"]))
def test_flag_goes_before_preset_entry_before_preset_before_setting_before_card(pure_settings, said, field):
    values = pure_settings.values
    preset = values.presets["fast"].model_copy(
        update={
            "steps": None,
            field: said.get("preset"),
            "models": {"embedded": PresetPart.model_validate({field: said.get("preset for the model")}, strict=False)},
        }
    )
    generate = values.generate.model_copy(update={field: said.get("setting")})
    settings = replace(pure_settings, values=values.model_copy(update={"presets": {"fast": preset}, "generate": generate}))
    wish = Wish(prompts=("a fox",), preset="fast", **({field: said["flag"]} if "flag" in said else {}))
    (recipe,) = made(wish, settings)
    winner = max(said, key=SPEAKERS.index, default="card")
    assert getattr(recipe, field) == (said[winner] if winner != "card" else getattr(values.models["embedded"], field))


@pytest.fixture(scope="session")
def pure_settings(make_world, tmp_path_factory):
    return make_world(tmp_path_factory.mktemp("world")).load()


def test_a_preset_has_other_steps_for_a_model_that_needs_them(settings):
    assert made(replace(FOX, preset="quality"), settings)[0].steps == 50
    assert made(replace(FOX, preset="quality", model="FLUX.1-schnell"), settings)[0].steps == 4
    assert made(replace(FOX, preset="fast", model="FLUX.1-schnell"), settings)[0].steps == 2


def test_the_older_variable_reaches_the_recipe(world):
    world.variables["STEPS_QUALITY"] = "77"
    assert made(replace(FOX, preset="quality"), world.load())[0].steps == 77


def test_a_preset_of_ones_own_may_choose_model_and_size(world):
    world.write_yaml("presets:\n  poster: {model: FLUX.1-schnell, size: portrait, guidance: 1}\ngenerate: {preset: poster, steps: 3}\n")
    (recipe,) = made(FOX, world.load())
    assert (recipe.model, recipe.width, recipe.height, recipe.guidance, recipe.steps) == ("FLUX.1-schnell", 768, 1344, 1.0, 3)


def test_the_model_is_flag_then_preset_then_setting_then_the_providers(world):
    world.write_yaml("presets:\n  poster: {model: FLUX.1-schnell}\ngenerate: {model: FLUX.1-Krea-dev}\n")
    settings = world.load()
    assert model_for(replace(FOX, model="FLUX.1-dev", preset="poster"), settings, "embedded") == "FLUX.1-dev"
    assert model_for(replace(FOX, preset="poster"), settings, "embedded") == "FLUX.1-schnell"
    assert model_for(FOX, settings, "embedded") == "FLUX.1-Krea-dev"


@pytest.mark.parametrize(
    ("size", "model", "expected"),
    [
        ("square", "FLUX.1-dev", (1024, 1024)),
        ("portrait", "FLUX.1-dev", (768, 1344)),
        ("landscape", "FLUX.1-Krea-dev", (1344, 768)),
        ("square", "embedded", (256, 256)),
        ("portrait", "embedded", (192, 336)),
        ("landscape", "embedded", (336, 192)),
        ("320x240", "embedded", (320, 240)),
        ("1024x512", "FLUX.1-schnell", (1024, 512)),
        ("64x64", "embedded", (64, 64)),
        ("320 X 240", "embedded", (320, 240)),
    ],
)
def test_named_sizes_scale_to_the_model_and_literal_ones_are_literal(settings, size, model, expected):
    resolution = resolve(replace(FOX, size=size, model=model), settings, default_model="embedded", draw_seed=lambda: 5)
    (recipe,) = resolution.recipes[0]
    assert (recipe.width, recipe.height) == expected and resolution.notes == ()


def test_a_size_that_is_no_multiple_of_16_is_rounded_and_said(settings):
    resolution = resolve(replace(FOX, size="300x200"), settings, default_model="embedded", draw_seed=lambda: 5)
    assert (resolution.recipes[0][0].width, resolution.recipes[0][0].height) == (304, 208)
    assert resolution.notes == ("300x200 (--size) is not a multiple of 16 both ways: 304x208 is used",)


@given(width=st.integers(64, 4096), height=st.integers(64, 4096))
def test_rounding_goes_to_the_nearest_multiple_and_is_said_exactly_when_it_happens(pure_settings, width, height):
    values = pure_settings.values
    card = ModelCard.model_validate({**values.models["embedded"].model_dump(), "smallest_pixels": None, "largest_pixels": None})
    settings = replace(pure_settings, values=values.model_copy(update={"models": {"embedded": card}}))
    resolution = resolve(replace(FOX, size=f"{width}x{height}"), settings, default_model="embedded", draw_seed=lambda: 5)
    recipe = resolution.recipes[0][0]
    assert recipe.width % 16 == recipe.height % 16 == 0
    assert abs(recipe.width - width) <= 8 and abs(recipe.height - height) <= 8
    assert bool(resolution.notes) == ((recipe.width, recipe.height) != (width, height))
    job_request([recipe])


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"prompts": ("",)}, "empty_prompt", "empty"),
        ({"prompts": (" \n\t",)}, "empty_prompt", "empty"),
        ({"prompts": ()}, "empty_prompt", "empty"),
        ({"prompts": ("ok", "")}, "empty_prompt", "empty"),
        ({"prompts": ("x" * 100_001,)}, "prompt_too_long", "100001 characters"),
        ({"prompts": ("a \ud800 b",)}, "prompt_not_text", "character 3"),
        ({"preset": "qualty"}, "unknown_preset", "did you mean quality?"),
        ({"model": "flux.1-DEV "}, "unknown_model", "did you mean FLUX.1-dev?"),
        ({"model": "schnell"}, "unknown_model", "did you mean FLUX.1-schnell?"),
        ({"size": "potrait"}, "unknown_size", "did you mean portrait?"),
        ({"size": "1024"}, "unknown_size", "WIDTHxHEIGHT"),
        ({"size": "-64x64"}, "unknown_size", "WIDTHxHEIGHT"),
        ({"size": ""}, "unknown_size", "WIDTHxHEIGHT"),
        ({"size": "4k"}, "size_not_available", "not built yet"),
        ({"size": "4K"}, "size_not_available", "not built yet"),
        ({"size": "63x64"}, "size_out_of_range", "64 to 4096"),
        ({"size": "4097x64"}, "size_out_of_range", "64 to 4096"),
        ({"size": "0x0"}, "size_out_of_range", "64 to 4096"),
        ({"size": "1040x1024"}, "size_out_of_range", "embedded draws well from 4096 to 1048576"),
        ({"size": "64x64", "model": "FLUX.1-dev"}, "size_out_of_range", "FLUX.1-dev draws well from 65536"),
        ({"steps": 0}, "steps_out_of_range", "1 to 1000"),
        ({"steps": -4}, "steps_out_of_range", "-4 steps (--steps)"),
        ({"steps": 10**6}, "steps_out_of_range", "1 to 1000"),
        ({"steps": 10**5000}, "steps_out_of_range", "over 10^30"),
        ({"guidance": math.nan}, "guidance_out_of_range", "nan"),
        ({"guidance": math.inf}, "guidance_out_of_range", "inf"),
        ({"guidance": -0.1}, "guidance_out_of_range", "0 to 100"),
        ({"guidance": 100.1}, "guidance_out_of_range", "0 to 100"),
        ({"seeds": (-1,)}, "seed_out_of_range", "seed -1 (--seed)"),
        ({"seeds": (LARGEST_SEED + 1,)}, "seed_out_of_range", "2^63-1"),
        ({"seeds": (LARGEST_SEED,), "count": 2}, "seed_out_of_range", "counted up for 2 pictures"),
        ({"seeds": (1, -2)}, "seed_out_of_range", "seed -2"),
        ({"seeds": (1, 2), "count": 2}, "seeds_and_count", "--count"),
        ({"seeds": tuple(range(1001))}, "count_out_of_range", "1001 seeds"),
        ({"count": 0}, "count_out_of_range", "1 to 1000"),
        ({"count": -1}, "count_out_of_range", "1 to 1000"),
        ({"count": 10**6}, "count_out_of_range", "1 to 1000"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_started(settings, changes, code, words):
    error = refused(replace(FOX, **changes), settings)
    assert error.code == code and words in error.message


def test_a_card_out_of_range_can_be_widened_as_the_hint_says(world):
    error = refused(replace(FOX, size="1040x1024"), world.load())
    assert error.hint.endswith("fluxctl config set models.embedded.largest_pixels 1064960")
    world.write_yaml("models: {embedded: {largest_pixels: 1064960}}\n")
    assert made(replace(FOX, size="1040x1024"), world.load())[0].width == 1040


def test_a_value_from_a_settings_file_is_refused_with_its_place(world):
    world.write_yaml("generate:\n  size: 2048x2048\n")
    assert f"(generate.size, {world.config_yaml}:2 2048x2048)" in refused(FOX, world.load()).message


def test_seeds_count_up_and_every_prompt_gets_the_same(settings):
    resolution = resolve(Wish(prompts=("a", "b"), seeds=(7,), count=3), settings, default_model="embedded", draw_seed=lambda: 5)
    assert [[recipe.seed for recipe in job] for job in resolution.recipes] == [[7, 8, 9], [7, 8, 9]]
    assert [job[0].prompt.used for job in resolution.recipes] == ["a", "b"]
    assert [job_request(job).seeds for job in resolution.recipes] == [(7, 8, 9)] * 2


def test_listed_seeds_are_one_picture_each_in_the_order_typed(settings):
    assert [recipe.seed for recipe in made(replace(FOX, seeds=(9, 7)), settings)] == [9, 7]


def test_a_seed_that_is_listed_twice_is_made_once_and_that_is_said(settings):
    resolution = resolve(replace(FOX, seeds=(9, 7, 9)), settings, default_model="embedded", draw_seed=lambda: 5)
    assert [recipe.seed for recipe in resolution.recipes[0]] == [9, 7] and len(resolution.notes) == 1


def test_the_largest_seed_is_a_seed(settings):
    assert made(replace(FOX, seeds=(LARGEST_SEED,)), settings)[0].seed == LARGEST_SEED


def test_a_seed_is_drawn_once_for_all_prompts_and_only_if_nobody_named_one(world):
    drawn = []

    def draw():
        drawn.append(4_000_000_000)
        return drawn[-1]

    resolution = resolve(Wish(prompts=("a", "b")), world.load(), default_model="embedded", draw_seed=draw)
    assert [job[0].seed for job in resolution.recipes] == [4_000_000_000] * 2 and len(drawn) == 1
    world.write_yaml("generate: {seed: 3, count: 2}\n")
    resolution = resolve(FOX, world.load(), default_model="embedded", draw_seed=draw)
    assert [recipe.seed for recipe in resolution.recipes[0]] == [3, 4] and len(drawn) == 1


def test_a_prompt_is_kept_as_it_was_typed(settings):
    prompt = "  Ein Füchslein 🦊\n im Schnee "
    assert made(Wish(prompts=(prompt,)), settings)[0].prompt == PromptText(typed=prompt, used=prompt)


def test_a_pictures_recipe_is_made_again_whatever_the_settings_say(world):
    world.write_yaml("generate: {preset: ultra, model: FLUX.1-dev, size: landscape, steps: 3, guidance: 9, seed: 1, count: 4}\n")
    resolution = resolve(Wish(recipe=PICTURE), world.load(), default_model="FLUX.1-dev", draw_seed=lambda: 5)
    assert resolution.recipes == ((PICTURE,),) and resolution.notes == ()


def test_flags_and_preset_flag_go_before_the_pictures_recipe(settings):
    wish = Wish(prompts=("a dog",), recipe=PICTURE, preset="fast", size="square", guidance=1.0, seeds=(8,), count=2)
    recipes = made(wish, settings)
    assert [recipe.seed for recipe in recipes] == [8, 9]
    expected = {
        "prompt": PromptText(typed="a dog", used="a dog"),
        "clip_prompt": None,
        "width": 256,
        "height": 256,
        "steps": 4,
        "guidance": 1.0,
    }
    assert recipes[0] == PICTURE.model_copy(update={**expected, "seed": 8})


def test_another_model_brings_its_own_source_and_text_length(settings):
    (recipe,) = made(Wish(recipe=PICTURE, model="FLUX.1-schnell", size="square"), settings)
    assert (recipe.source, recipe.maximum_sequence_length, recipe.steps) == ("black-forest-labs/FLUX.1-schnell", 256, 9)


def test_a_source_inside_a_picture_is_never_followed_but_said_to_differ(settings):
    strange = PICTURE.model_copy(update={"source": "somebody/evil", "revision": "abc"})
    resolution = resolve(Wish(recipe=strange), settings, default_model="embedded", draw_seed=lambda: 5)
    assert resolution.recipes == ((PICTURE,),)
    assert "somebody/evil" in resolution.notes[0] and "may differ" in resolution.notes[0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"model": "theirs"}, "unknown_model"),
        ({"steps": 0}, "steps_out_of_range"),
        ({"width": 8}, "size_out_of_range"),
        ({"guidance": math.inf}, "guidance_out_of_range"),
        ({"seed": -1}, "seed_out_of_range"),
        ({"maximum_sequence_length": 4096}, "sequence_length_out_of_range"),
        ({"prompt": PromptText(typed="", used="")}, "empty_prompt"),
        ({"clip_prompt": "\ud800"}, "prompt_not_text"),
    ],
)
def test_a_recipe_that_was_tampered_with_is_refused_and_named_as_the_cause(settings, changes, code):
    error = refused(Wish(recipe=PICTURE.model_copy(update=changes)), settings)
    assert error.code == code and "the picture of --from" in error.message
