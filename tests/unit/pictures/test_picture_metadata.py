"""What a saved picture says about itself, to us and to other programs."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from PIL import Image, PngImagePlugin
from tests.support.pictures import A_PLAN, NOON, a_recipe, save, some_work

import fluxctl
from fluxctl.environment import Environment
from fluxctl.pictures.destination import Destination
from fluxctl.pictures.formats import Encoding
from fluxctl.pictures.parameters import parameters_text
from fluxctl.pictures.reading import current_sha256, read_recipe
from fluxctl.recipe import PromptText, Recipe

SUFFIXES = (".png", ".jpg", ".webp")
PROMPTS = (
    "a fox",
    "ein Fuchs, «süß»: 狐 🦊\nzweite Zeile\n\nSteps: 3, Seed: 1",
    'quotes " and \\ and \x00 zero',
    "x" * 100_000,
    "🦊" * 100_000,
    "  spaces  ",
)


def the_texts(path: Path) -> dict[str, str]:
    with Image.open(path) as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        image.load()
        return dict(image.text)


def a1111_parse(text: str) -> tuple[str, dict[str, str]]:
    """Read a text as A1111's infotext_utils.parse_generation_parameters does."""
    *lines, last = text.strip().split("\n")
    pairs = re.findall(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)', last)
    assert len(pairs) >= 3
    return "\n".join(lines), {key: json.loads(value) if value.startswith('"') else value for key, value in pairs}


def user_comment(path: Path) -> str:
    """Read EXIF's UserComment from its bytes, as piexif does: type UNDEFINED, the header UNICODE, big-endian UTF-16."""
    with Image.open(path) as image:
        block = image.info["exif"].removeprefix(b"Exif\0\0")
    assert block.startswith(b"MM\0*")
    entry = block.index(b"\x92\x86\x00\x07")
    length, place = int.from_bytes(block[entry + 4 : entry + 8]), int.from_bytes(block[entry + 8 : entry + 12])
    value = block[place : place + length]
    assert value.startswith(b"UNICODE\0")
    return value[8:].decode("utf-16-be")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt[:8])
def test_a_recipe_comes_back_from_the_file_as_it_was(environment: Environment, tmp_path: Path, suffix: str, prompt: str) -> None:
    recipe = Recipe(**{**a_recipe(prompt, seed=2**63 - 1).model_dump(), "clip_prompt": prompt[:70], "revision": "main"})
    saved = save(recipe, Destination(tmp_path, suffix=suffix), environment)
    stored = read_recipe(saved.path, environment)
    assert stored.recipe == recipe
    assert (stored.sha256, stored.plan, stored.created_at) == (some_work().sha256, A_PLAN, NOON)
    assert stored.record.fluxctl == fluxctl.__version__


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=strategies.text(min_size=1, max_size=300), used=strategies.text(min_size=1, max_size=300))
def test_any_text_comes_back_from_every_format(environment: Environment, tmp_path: Path, typed: str, used: str) -> None:
    recipe = a_recipe().model_copy(update={"prompt": PromptText(typed=typed, used=used, enhanced=True)})
    for suffix in SUFFIXES:
        path = save(recipe, Destination(tmp_path, suffix=suffix), environment).path
        assert read_recipe(path, environment).recipe == recipe
        path.unlink()


def test_the_pixels_of_a_png_are_those_that_the_worker_made(environment: Environment, tmp_path: Path) -> None:
    saved = save(a_recipe(), Destination(tmp_path), environment)
    with Image.open(saved.path) as image:
        assert image.tobytes() == some_work().pixels
    assert current_sha256(read_recipe(saved.path, environment)) == some_work().sha256


def test_a_png_has_the_three_texts_and_no_key_of_another_program(environment: Environment, tmp_path: Path) -> None:
    texts = the_texts(save(a_recipe(), Destination(tmp_path), environment).path)
    assert set(texts) == {"parameters", "fluxctl", "XML:com.adobe.xmp"}
    data = json.loads(texts["fluxctl"])
    assert data["schema"] == 1
    prompt = {name: value for name, value in data["recipe"]["prompt"].items() if value is not None}
    assert prompt == {"typed": "a lighthouse in fog", "used": "a lighthouse in fog", "enhanced": False}
    assert "trainedAlgorithmicMedia" in texts["XML:com.adobe.xmp"]


def test_other_programs_read_prompt_and_values(environment: Environment, tmp_path: Path) -> None:
    recipe = a_recipe("a fox,\nin snow: 🦊", model='my, "own": model')
    texts = the_texts(save(recipe, Destination(tmp_path), environment).path)
    prompt, pairs = a1111_parse(texts["parameters"])
    assert prompt == "a fox,\nin snow: 🦊"
    assert pairs["Steps"] == "28"
    assert pairs["Sampler"] == "Euler"
    assert pairs["CFG scale"] == "3.5"
    assert pairs["Seed"] == "184467"
    assert pairs["Size"] == "32x16"
    assert pairs["Model"] == 'my, "own": model'
    assert texts["parameters"].rpartition("\n")[2].startswith("Steps: 28, ")


def test_the_text_for_other_programs_holds_the_prompt_that_was_used() -> None:
    recipe = a_recipe().model_copy(update={"prompt": PromptText(typed="fog", used="A granite lighthouse", enhanced=True)})
    assert parameters_text(recipe).startswith("A granite lighthouse\nSteps:")


@pytest.mark.parametrize("suffix", SUFFIXES[1:])
def test_jpeg_and_webp_say_the_same_in_exif_and_xmp(environment: Environment, tmp_path: Path, suffix: str) -> None:
    recipe = a_recipe("ein Fuchs 🦊\nim Schnee")
    path = save(recipe, Destination(tmp_path, suffix=suffix), environment).path
    assert user_comment(path) == parameters_text(recipe)
    with Image.open(path) as image:
        assert b"trainedAlgorithmicMedia" in image.info["xmp"]
        assert image.mode == "RGB"


def test_a_very_long_prompt_is_shortened_for_others_in_a_jpeg_but_not_for_us(environment: Environment, tmp_path: Path) -> None:
    path = save(a_recipe("wort " * 20_000), Destination(tmp_path, suffix=".jpg"), environment).path
    text = user_comment(path)
    assert len(text) < 13_000
    assert a1111_parse(text)[1]["Seed"] == "184467"
    assert read_recipe(path, environment).recipe.prompt.typed == "wort " * 20_000


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_without_metadata_nothing_at_all_is_said(environment: Environment, tmp_path: Path, suffix: str) -> None:
    silent = Destination(tmp_path, suffix=suffix, encoding=Encoding(metadata=False))
    content = save(a_recipe("secret prompt"), silent, environment).path.read_bytes()
    with Image.open(tmp_path / next(tmp_path.glob(f"*{suffix}")).name) as image:
        assert not image.getexif()
        assert {"parameters", "fluxctl", "xmp", "exif", "comment"}.isdisjoint(image.info)
    assert b"secret" not in content
    assert b"fluxctl" not in content


def test_what_the_worker_wrote_into_its_png_does_not_get_into_ours(environment: Environment, tmp_path: Path) -> None:
    from io import BytesIO

    from fluxctl.pictures.save import save_picture

    work = some_work()
    texts = PngImagePlugin.PngInfo()
    texts.add_text("prompt", "of the worker")
    target = BytesIO()
    with Image.open(BytesIO(work.png)) as image:
        image.save(target, "PNG", pnginfo=texts)
    saved = save_picture(
        target.getvalue() + b"behind the end",
        work.sha256,
        recipe=a_recipe(),
        plan=A_PLAN,
        destination=Destination(tmp_path),
        environment=environment,
    )
    assert "prompt" not in the_texts(saved.path)
    assert saved.path.read_bytes().endswith(b"IEND\xaeB`\x82")


def test_the_jpeg_quality_is_the_one_that_was_asked_for(environment: Environment, tmp_path: Path) -> None:
    for suffix, low, high in (
        (".jpg", Encoding(jpeg_quality=20), Encoding(jpeg_quality=98)),
        (".webp", Encoding(webp_quality=20), Encoding(webp_quality=98)),
    ):
        small = save(a_recipe(), Destination(tmp_path, suffix=suffix, encoding=low), environment)
        large = save(a_recipe(), Destination(tmp_path, suffix=suffix, encoding=high), environment)
        assert small.file_bytes < large.file_bytes


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_models_folder_under_home_does_not_name_the_user_and_is_found_again(
    environment: Environment, tmp_path: Path, suffix: str
) -> None:
    folder = environment.home / "models" / "tiny"
    path = save(a_recipe(source=str(folder)), Destination(tmp_path, suffix=suffix), environment).path
    assert str(environment.home).encode() not in path.read_bytes()
    assert b"~/models/tiny" in path.read_bytes()
    assert read_recipe(path, environment).recipe.source == str(folder)


def test_a_folder_elsewhere_and_a_hub_id_stay_as_they_are(environment: Environment, tmp_path: Path) -> None:
    for source in ("/srv/models/tiny", "black-forest-labs/FLUX.1-dev", "embedded"):
        path = save(a_recipe(source=source), Destination(tmp_path), environment).path
        assert read_recipe(path, environment).recipe.source == source
