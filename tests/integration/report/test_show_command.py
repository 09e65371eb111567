"""`fluxctl show`, through the main app."""

import io
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.support.pictures import A_PLAN, NOON, a_recipe, a_user, save, some_work

from fluxctl.cli.main import main
from fluxctl.environment import Environment
from fluxctl.pictures.destination import Destination
from fluxctl.recipe import PromptText


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return a_user(tmp_path)


def run(environment: Environment, *words: str) -> tuple[int, str, str]:
    """Run fluxctl; return its exit code and what it wrote to stdout and stderr."""
    environment.stdout, environment.stderr = io.StringIO(), io.StringIO()
    code = main(words, environment)
    return code, environment.stdout.getvalue(), environment.stderr.getvalue()


def shown(environment: Environment, path: Path) -> dict[str, Any]:
    code, out, _ = run(environment, "show", str(path), "--json")
    assert code == 0
    return json.loads(out)


def test_a_picture_tells_how_it_was_made_and_how_to_make_it_again(environment: Environment, tmp_path: Path) -> None:
    path = save(a_recipe("a fox,\nin snow"), Destination(tmp_path / "my pictures"), environment).path
    code, out, err = run(environment, "show", str(path))
    assert code == 0
    for text in (
        "a fox,\n          in snow",
        "184467",
        "32x16",
        "28, guidance 3.5",
        "embedded",
        "torch 2.13.0",
        some_work().sha256,
        "match",
    ):
        assert text in out
    assert f"fluxctl gen --from {shlex.quote(str(path))}" in err


def test_both_prompts_are_shown_where_they_differ(environment: Environment, tmp_path: Path) -> None:
    recipe = a_recipe().model_copy(update={"prompt": PromptText(typed="fog", used="A granite lighthouse", enhanced=True)})
    _, out, _ = run(environment, "show", str(save(recipe, Destination(tmp_path), environment).path))
    assert "prompt    fog\n" in out
    assert "enhanced  A granite lighthouse\n" in out


def test_json_is_one_object_with_the_whole_recipe(environment: Environment, tmp_path: Path) -> None:
    path = save(a_recipe(), Destination(tmp_path), environment).path
    assert shown(environment, path) == {
        "schema": 1,
        "error": None,
        "path": str(path),
        "format": "png",
        "recipe": a_recipe().model_dump(mode="json"),
        "sha256": some_work().sha256,
        "matches": True,
        "plan": A_PLAN.model_dump(mode="json"),
        "created_at": NOON,
        "fluxctl": shown(environment, path)["fluxctl"],
        "again": f"fluxctl gen --from {path}",
    }


@pytest.mark.parametrize(("suffix", "matches"), [(".png", True), (".jpg", None), (".webp", None)])
def test_whether_the_pixels_match_is_said_only_where_it_can_be_known(
    environment: Environment, tmp_path: Path, suffix: str, matches: bool | None
) -> None:
    assert shown(environment, save(a_recipe(), Destination(tmp_path, suffix=suffix), environment).path)["matches"] is matches


def test_changed_pixels_are_told(environment: Environment, tmp_path: Path) -> None:
    from PIL import PngImagePlugin

    path = save(a_recipe(), Destination(tmp_path), environment).path
    info = PngImagePlugin.PngInfo()
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        info.add_text("fluxctl", image.info["fluxctl"])
        image.putpixel((0, 0), (9, 9, 9))
        image.save(path, pnginfo=info)
    assert shown(environment, path)["matches"] is False
    _, out, err = run(environment, "show", str(path))
    assert "DIFFER" in out
    assert "warning:" in err


def test_a_file_without_a_recipe_is_a_usage_error_with_a_next_step(environment: Environment, tmp_path: Path) -> None:
    Image.new("RGB", (16, 16)).save(tmp_path / "plain.png")
    code, out, err = run(environment, "show", "plain.png")
    assert (code, out) == (2, "")
    assert "holds no recipe" in err
    assert "→" in err
    code, out, _ = run(environment, "show", "plain.png", "--json")
    assert code == 2
    assert json.loads(out)["error"]["code"] == "no_recipe"


def test_nothing_in_a_file_can_steer_the_terminal(environment: Environment, tmp_path: Path) -> None:
    recipe = a_recipe("evil \x1b]0;title\x07\x1b[2J prompt\u202e", model="m\x1b[31m")
    _, out, err = run(environment, "show", str(save(recipe, Destination(tmp_path), environment).path))
    assert "evil" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out + err)


def test_a_recipe_with_an_impossible_time_is_still_shown(environment: Environment, tmp_path: Path) -> None:
    data = {"schema": 1, "recipe": a_recipe().model_dump(mode="json"), "created_at": 1e300}
    (tmp_path / "r.json").write_text(json.dumps(data), encoding="utf-8")
    code, out, _ = run(environment, "show", "r.json")
    assert code == 0
    assert "unknown time" in out
