"""The contact sheet: what stands where, and how it is labelled."""

import io
from pathlib import Path

import pytest
from PIL import Image
from tests.support.pictures import a_recipe

from fluxctl.errors import UsageError
from fluxctl.pictures.contact_sheet import LARGEST_CELL_PIXELS, LARGEST_SHEET_PIXELS, NOTE, Cell, Sheet, draw_sheet
from fluxctl.pictures.lettering import Lettering
from fluxctl.recipe import Recipe
from fluxctl.services.grid import MOST_CELLS, arranged, check_grid

RED, BLUE = (200, 0, 0), (0, 0, 200)


def recipes(prompts: list[str], seeds: list[int], steps: list[int], guidances: list[float]) -> list[tuple[Recipe, Path]]:
    made = [
        a_recipe(prompt, seed=seed).model_copy(update={"steps": step, "guidance": guidance})
        for prompt in prompts
        for guidance in guidances
        for step in steps
        for seed in seeds
    ]
    return [(recipe, Path(f"{number}.png")) for number, recipe in enumerate(made)]


def test_one_thing_that_differs_makes_a_square_of_labelled_pictures() -> None:
    sheet = arranged(recipes(["a"], list(range(7)), [4], [1.0]))
    assert (sheet.columns, sheet.rows) == ((), ())
    assert [(place, cell.label) for place, cell in sheet.cells.items()][3] == ((1, 0), "seed 3")
    assert max(column for _, column in sheet.cells) == 2


def test_two_things_are_rows_and_columns() -> None:
    sheet = arranged(recipes(["a fox", "a cat"], [7], [4, 8, 20], [1.0]))
    assert (sheet.columns, sheet.rows) == (("4 steps", "8 steps", "20 steps"), ("a fox", "a cat"))
    assert sheet.cells[1, 2] == Cell(Path("5.png"))


def test_the_longest_number_goes_along_the_top_and_the_rest_down_the_side() -> None:
    sheet = arranged(recipes(["a fox", "a cat"], [1, 2, 3, 4], [4, 8], [1.0]))
    assert sheet.columns == ("seed 1", "seed 2", "seed 3", "seed 4")
    assert sheet.rows == ("a fox\n4 steps", "a fox\n8 steps", "a cat\n4 steps", "a cat\n8 steps")


def test_pictures_that_are_no_full_table_follow_each_other() -> None:
    pictures = recipes(["a fox", "a cat"], [1, 2], [4], [1.0])[:3]
    assert [cell.label for cell in arranged(pictures).cells.values()] == ["a fox\nseed 1", "a fox\nseed 2", "a cat\nseed 1"]


def test_equal_pictures_have_a_place_each() -> None:
    pictures = recipes(["a fox"], [1], [4], [1.0])
    assert len(arranged(pictures * 2).cells) == 2
    assert len(arranged(recipes(["a", "a"], [1, 2], [4], [1.0])).cells) == 4


def test_a_sheet_of_one_and_a_sheet_of_too_many_are_refused() -> None:
    with pytest.raises(UsageError) as one:
        check_grid([a_recipe()])
    with pytest.raises(UsageError, match="1001") as many:
        check_grid([a_recipe()] * (MOST_CELLS + 1))
    assert (one.value.code, many.value.code) == ("grid_of_one", "grid_too_large")


def saved(folder: Path, name: str, size: tuple[int, int], colour: tuple[int, int, int]) -> Cell:
    path = folder / name
    Image.new("RGB", size, colour).save(path)
    return Cell(path, name)


def drawn(sheet: Sheet, *, with_note: bool = True) -> Image.Image:
    image = Image.open(io.BytesIO(draw_sheet(sheet, with_note=with_note)))
    image.load()
    return image


def test_pictures_stand_in_their_places_with_ink_beside_them(tmp_path: Path) -> None:
    sheet = Sheet(
        {(0, 0): saved(tmp_path, "a.png", (64, 64), RED), (0, 1): saved(tmp_path, "b.webp", (64, 32), BLUE)}, ("x", "y"), ("row",)
    )
    image = drawn(sheet)
    reds = [x for x in range(image.width) if image.getpixel((x, image.height // 2)) == RED]
    colours = dict((colour, count) for count, colour in image.getcolors(100_000) or ())
    assert reds and max(reds) < image.width // 2 + 64
    assert colours[RED] == 64 * 64
    assert colours[(0x20, 0x20, 0x20)] > 20, "labels are written in ink"


def test_large_pictures_are_made_small_and_a_large_sheet_stays_within_bounds(tmp_path: Path) -> None:
    large = saved(tmp_path, "a.png", (2048, 1024), RED)
    assert drawn(Sheet({(0, 0): large})).width < LARGEST_CELL_PIXELS + 100
    wide = drawn(Sheet({(0, column): large for column in range(40)}))
    assert wide.width < LARGEST_SHEET_PIXELS * 1.3


def test_it_says_what_it_is_and_holds_no_recipe(tmp_path: Path) -> None:
    sheet = Sheet({(0, 0): saved(tmp_path, "a.png", (64, 64), RED)})
    assert drawn(sheet).info["Description"] == NOTE and "fluxctl" not in drawn(sheet).info
    assert "Description" not in drawn(sheet, with_note=False).info


@pytest.mark.parametrize("label", ["狐狸在雪地里", "🦊" * 30, "x" * 500, "a " * 500, "\u0301\u200d", "Ψ ж ا"])
def test_any_label_can_be_written(tmp_path: Path, label: str) -> None:
    cell = saved(tmp_path, "a.png", (64, 64), RED)
    with_label, without = (drawn(Sheet({(0, 0): Cell(cell.path, text)})) for text in (label, ""))
    assert with_label.height > without.height or not label.strip("\u0301\u200d")


def test_a_character_that_no_font_has_is_named() -> None:
    letters = Lettering(14)
    assert letters.width("\U0010fffc") == letters.width("\\U0010fffc")


def test_lines_are_broken_and_shortened_to_their_width() -> None:
    letters = Lettering(14)
    lines = letters.lines("a lighthouse on a basalt shelf in fog " + "y" * 200, 120, 3)
    assert len(lines) == 3 and lines[-1].endswith("…")
    assert all(letters.width(line) <= 120 for line in lines)
