"""Prompts from the shell to the worker: fitted, many at once, alternatives, sheets, negative ones."""

import json
import signal
from pathlib import Path

import pytest
from PIL import Image
from tests.support.shell import Shell, recipe_of, wait_until

from fluxctl.pictures.contact_sheet import NOTE
from fluxpod import tokens

LONG = "a red circle on a blue square, " * 40
SMALL = ("--size", "64x64", "--steps", "1")


def test_clip_gets_whole_clauses_and_t5_everything(shell: Shell) -> None:
    recipe = recipe_of(shell.type("gen", LONG, "--seed", "1", "--dry-run", "--json"))
    assert recipe["prompt"]["used"] == LONG.strip()
    assert recipe["clip_prompt"].endswith("a red circle on a blue square") and tokens.count(recipe["clip_prompt"]) <= 75
    assert recipe_of(shell.type("gen", "a red circle", "--dry-run", "--json"))["clip_prompt"] is None


def test_what_t5_loses_is_said_word_for_word_and_nothing_else_is(shell: Shell) -> None:
    typed = shell.type("gen", LONG, *SMALL, "--json")
    (picture,) = typed.document["pictures"]
    assert LONG.strip().endswith(picture["text"]["lost"]) and len(picture["text"]["lost"]) > 600
    assert picture["text"]["lost"] in typed.err and typed.err.count("lost:") == 1
    assert "truncated" not in typed.err + shell.worker_log()
    fitting = shell.type("gen", "a red circle on a blue square", *SMALL)
    assert "lost" not in fitting.err and "CLIP" not in fitting.err


def test_the_clip_text_can_be_set_by_hand(shell: Shell) -> None:
    plain, by_hand = (
        shell.type("gen", "a red circle", "--seed", "7", *more, *SMALL, "--json") for more in ((), ("--clip-prompt", "a green star"))
    )
    assert plain.document["pictures"][0]["sha256"] != by_hand.document["pictures"][0]["sha256"]
    again = shell.type("gen", "--from", by_hand.document["pictures"][0]["path"], "--json")
    assert again.document["pictures"][0]["sha256"] == by_hand.document["pictures"][0]["sha256"]
    too_long = shell.type("gen", "a fox", "--clip-prompt", LONG, "--dry-run", "--json")
    assert tokens.count(recipe_of(too_long)["clip_prompt"]) <= 75 and "--clip-prompt" in " ".join(too_long.document["notes"])


def test_a_long_prompt_makes_itself_again_from_its_picture(shell: Shell) -> None:
    made = shell.type("gen", LONG, *SMALL, "--json").document["pictures"][0]
    again = shell.type("gen", "--from", made["path"], "--json").document["pictures"][0]
    assert again["sha256"] == made["sha256"]


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param("word " * 5000, id="5000 words"),
        pytest.param("🦊❄️👩\u200d👩\u200d👧" * 60, id="emoji"),
        pytest.param("狐狸在雪地里" * 40, id="CJK"),
        pytest.param("a \x01 fox \x1b[2J \x07 in snow", id="control characters"),
        pytest.param("a fox <|endoftext|> in snow <|startoftext|>", id="marks"),
        pytest.param(r"a sign \{OPEN\}", id="escaped braces"),
    ],
)
def test_any_text_becomes_a_picture(shell: Shell, prompt: str) -> None:
    typed = shell.type("gen", prompt, *SMALL, "--json")
    assert typed.code == 0, typed.err
    assert "\x1b[2J" not in typed.err and "Traceback" not in typed.err
    (picture,) = typed.document["pictures"]
    assert shell.type("show", picture["path"], "--json").document["matches"] is True
    assert shell.type("tokens", prompt, "--json").document["clip"]["tokens"] > 0


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (("a {red fox",), "unbalanced_braces", "character 3"),
        (("a \udcff fox",), "prompt_not_text", "half of a pair"),
        (("{0|1|2|3|4|5|6|7|8|9}" * 6, "--all"), "too_many_pictures", "1000000"),
        (("{a|}", "--all", "--count", "2"), "empty_prompt", "combinations"),
        (("a fox", "--negative", "blue"), "negative_ignored", "twice the time"),
        (("a fox", "--negative", "blue", "--true-cfg", "1"), "negative_ignored", "--true-cfg 2"),
        (("a fox", "--true-cfg", "0.5"), "true_cfg_out_of_range", "0.5"),
        (("a fox", "--true-cfg", "nan"), "true_cfg_out_of_range", "nan"),
        (("a fox", "--steps", "4,8"), "needs_grid", "--grid"),
        (("a fox", "--guidance", "1,3.5"), "needs_grid", "--grid"),
        (("a fox", "--grid"), "grid_of_one", "--count"),
        (("a fox", "--grid", "--count", "1000", "--steps", "1,2"), "grid_too_large", "2000"),
        (("a fox", "--clip-prompt", " "), "empty_prompt", "--clip-prompt"),
        (("a fox", "--again"), "needs_prompt_file", "made anew"),
    ],
)
def test_what_cannot_be_made_is_refused(shell: Shell, words: tuple[str, ...], error: str, said: str) -> None:
    typed = shell.type("gen", *words, "--json")
    assert typed.code == 2 and "Traceback" not in typed.err
    assert typed.document["error"]["code"] == error and said in typed.err, typed.err
    assert typed.document["error"]["hint"] and typed.document["pictures"] == []


@pytest.mark.parametrize(
    ("content", "error", "line"),
    [
        ('{"prompt": "a"}\n{"prompt": "b", "seed": }\n', "broken_line", "p.jsonl:2"),
        ('{"prompt": "a"}\n{"prompt": "b", "stepz": 3}\n', "unknown_key", "did you mean steps?"),
        ('{"prompt": "a"}\n{"prompt": "b", "steps": 0}\n', "steps_out_of_range", "p.jsonl:2"),
        ('{"prompt": "a"}\n{"prompt": "b \\ud800"}\n', "prompt_not_text", "p.jsonl:2"),
        ('{"prompt": "a"}\n{"prompt": "{b"}\n', "unbalanced_braces", "p.jsonl:2"),
        ('{"prompt": "a"}\n{"prompt": "b", "out": "x.gif"}\n', "unknown_format", "p.jsonl:2"),
    ],
)
def test_a_broken_line_is_named_and_nothing_is_started(own_shell: Shell, content: str, error: str, line: str) -> None:
    (own_shell.work / "p.jsonl").write_text(content)
    typed = own_shell.type("gen", "--prompt-file", "p.jsonl", "--json")
    assert typed.code == 2 and typed.document["error"]["code"] == error and line in typed.err, typed.err
    assert own_shell.worker_process() is None and own_shell.pictures == []


def test_lines_of_json_say_what_is_special_about_them(shell: Shell) -> None:
    lines = [
        {"prompt": "a red circle", "seed": [5, 6], "size": "80x64", "steps": 2},
        {"prompt": "a {green|green} star", "preset": "fast", "out": "stars/star.png"},
    ]
    (shell.work / "p.jsonl").write_text("\n".join(map(json.dumps, lines)))
    typed = shell.type("gen", "--prompt-file", "p.jsonl", "--out", "gallery/", "--seed", "9", "--json")
    assert typed.code == 0, typed.err
    pictures = typed.document["pictures"]
    assert [(one["seed"], one["width"], one["steps"]) for one in pictures] == [(5, 80, 2), (6, 80, 2), (9, 64, 4)]
    assert Path(pictures[2]["path"]) == shell.work / "gallery" / "stars" / "star.png"
    assert pictures[2]["prompt"]["typed"] == "a green star"


def test_alternatives_are_all_made_or_drawn_by_the_seed(shell: Shell) -> None:
    prompt = "a {red|green|blue} {circle|star}"
    every = shell.type("gen", prompt, "--all", "--seed", "3", "--dry-run", "--json").document["recipes"]
    assert len({recipe["prompt"]["typed"] for recipe in every}) == 6 and {recipe["seed"] for recipe in every} == {3}
    drawn = [shell.type("gen", prompt, "--seed", "3", "--count", "9", "--dry-run", "--json").document["recipes"] for _ in range(2)]
    assert drawn[0] == drawn[1] and sorted(recipe["seed"] for recipe in drawn[0]) == list(range(3, 12))
    assert 1 < len({recipe["prompt"]["typed"] for recipe in drawn[0]}) <= 6
    alone = recipe_of(shell.type("gen", prompt, "--seed", "7", "--dry-run", "--json"))
    assert alone in drawn[0]


def test_a_sheet_shows_the_pictures_over_what_differs(shell: Shell) -> None:
    typed = shell.type("gen", "a {red|blue} circle", "--all", "--seed", "3", "--steps", "1,2,3", "--guidance", "1,3.5", "--grid")
    *pictures, sheet = typed.paths
    assert len(pictures) == 12 and "grid" in sheet.name and sheet.parent == pictures[0].parent
    with Image.open(sheet) as image:
        assert image.width > 3 * 64 and image.height > 4 * 64
        assert image.info["Description"] == NOTE
    assert shell.type("gen", "--from", str(sheet)).code == 2
    document = shell.type("gen", "a circle", "--count", "2", *SMALL, "--grid", "--out", "s.png", "--json").document
    assert document["grid"] == str(shell.work / "s-grid.png") and Path(document["grid"]).is_file()


def test_a_negative_prompt_works_and_makes_itself_again(shell: Shell) -> None:
    words = ("gen", "a red circle", "--seed", "7", *SMALL, "--json")
    plain = shell.type(*words).document["pictures"][0]
    typed = shell.type(*words, "--negative", "a blue star", "--true-cfg", "3")
    made = typed.document["pictures"][0]
    assert made["sha256"] != plain["sha256"] and "twice the time" in typed.err
    with Image.open(made["path"]) as image:
        assert "\nNegative prompt: a blue star\nSteps: 1" in image.info["parameters"]
    again = shell.type("gen", "--from", made["path"], "--json")
    assert again.document["pictures"][0]["sha256"] == made["sha256"]
    off = shell.type("gen", "--from", made["path"], "--true-cfg", "1", "--json")
    assert off.document["pictures"][0]["sha256"] == plain["sha256"]
    assert "a blue star" in shell.type("show", made["path"]).out


def test_tokens_tells_what_each_encoder_sees(shell: Shell) -> None:
    short = shell.type("tokens", "a red fox", "--model", "embedded")
    assert short.code == 0 and "3 of 75" in short.out and "4 of 192" in short.out
    document = shell.type("tokens", LONG, "--model", "embedded", "--json").document
    assert document["clip"]["tokens"] > 75 and document["clip"]["text"] in LONG and document["t5"]["exact"] is True
    assert LONG.strip().endswith(document["t5"]["lost"]) and document["t5"]["lost"]
    estimate = shell.type("tokens", "-", "--model", "FLUX.1-schnell", "--json", stdin="a {red|scarlet} fox").document
    assert estimate["t5"] == {"tokens": 5, "limit": 256, "exact": False, "lost": ""} and estimate["prompt"] == "a scarlet fox"
    assert shell.type("tokens", "").code == 2


def test_a_file_that_was_cancelled_in_the_middle_gives_every_picture_once(own_shell: Shell) -> None:
    (own_shell.work / "prompts.txt").write_text("".join(f"a {{red|green}} circle number {number}\n" for number in range(200)))
    words = ("gen", "--prompt-file", "prompts.txt", *SMALL)
    command = own_shell.start(*words)
    wait_until(lambda: len(own_shell.pictures) >= 50)
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=120)
    assert command.returncode == 130, err
    kept = own_shell.pictures
    assert 50 <= len(kept) < 200 and len(out.splitlines()) == len(kept)

    second = own_shell.type(*words, "--json")

    assert second.code == 0, second.err
    assert len(own_shell.pictures) == 200 and set(kept) <= set(own_shell.pictures)
    assert len(second.document["kept"]) == len(kept) and len(second.document["pictures"]) == 200 - len(kept)
    assert "picture" in second.err and "left · $0.00 so far" in second.err
    third = own_shell.type(*words, "--json")
    assert third.document["pictures"] == [] and len(own_shell.pictures) == 200
    numbers = {one["prompt"]["typed"].split()[-1] for one in second.document["pictures"]}
    assert len(numbers) == 200 - len(kept)


def test_what_a_killed_command_left_with_the_worker_is_brought_home_and_not_made_twice(own_shell: Shell) -> None:
    (own_shell.work / "prompts.txt").write_text("".join(f"a circle number {number}\n" for number in range(12)))
    words = ("gen", "--prompt-file", "prompts.txt", "--size", "64x64", "--steps", "30")
    command = own_shell.start(*words)
    wait_until(lambda: len(own_shell.pictures) >= 2)
    command.kill()
    command.communicate()
    again = own_shell.type(*words, "--json")
    assert again.code == 0, again.err
    # The kill may fall between a file and its line in the ledger: that one picture is then saved a second time, and none is lost.
    saved = len(own_shell.pictures)
    assert "brought home" in again.err and saved in (12, 13)
    assert own_shell.type("fetch", "--json").document["pictures"] == [] and len(own_shell.pictures) == saved


def test_a_run_is_made_anew_only_when_that_is_wanted(shell: Shell) -> None:
    (shell.work / "few.txt").write_text("a red circle\na green star\n")
    words = ("gen", "--prompt-file", "few.txt", *SMALL, "--out", "few/", "--json")
    first = shell.type(*words).document["pictures"]
    assert shell.type(*words, "--dry-run").document["plan"]["kept"] == [picture["path"] for picture in first]
    with (shell.work / "few.txt").open("a") as file:
        file.write("a blue square\n")
    grown = shell.type(*words).document["pictures"]
    assert [picture["prompt"]["typed"] for picture in grown] == ["a blue square"] and grown[0]["seed"] == first[0]["seed"]
    Path(first[1]["path"]).unlink()
    assert [picture["sha256"] for picture in shell.type(*words).document["pictures"]] == [first[1]["sha256"]]
    anew = shell.type(*words, "--again").document["pictures"]
    assert len(anew) == 3 and anew[0]["seed"] != first[0]["seed"]
    assert shell.type(*words).document["pictures"] == []
