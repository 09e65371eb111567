"""What is missing when a prompt file is run again."""

import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.pictures import a_recipe

from fluxctl.ledger import JobEntry, Ledger, PictureEntry
from fluxctl.pictures.destination import Destination
from fluxctl.services.order import Order
from fluxctl.services.prompt_run import Remainder, everything, new_run, remainder, run_for, run_key

KEY = "key"


def orders(folder: Path, *prompts: str) -> list[Order]:
    recipes = [[a_recipe(prompt, seed=seed).model_copy(update={"width": 64, "height": 64}) for seed in (1, 2)] for prompt in prompts]
    return [Order(recipes=tuple(group), destination=Destination(folder)) for group in recipes]


def make(ledger: Ledger, wanted: Remainder, folder: Path, pictures: int) -> None:
    """Note and write the first pictures of what is missing."""
    identities = [(order, index) for order in wanted.orders for index in range(len(order.recipes))]
    for number, (order, index) in enumerate(identities[:pictures]):
        identity = order.identities[index]
        path = folder / f"{identity[-40:]}-{number}.png"
        path.write_bytes(b"png")
        recipe = order.recipes[index]
        ledger.add_picture(
            PictureEntry(
                job_id=uuid.uuid4().hex,
                index=number,
                path=path,
                seed=recipe.seed,
                width=32,
                height=16,
                steps=1,
                sha256="",
                prompt_typed=recipe.prompt.typed,
                prompt_used=recipe.prompt.used,
                model="m",
                duration_seconds=1.0,
                created_at=1.0,
                identity=identity,
            )
        )


def missing(found: Remainder) -> int:
    return sum(len(order.recipes) for order in found.orders)


def test_only_what_is_missing_is_left(ledger: Ledger, tmp_path: Path) -> None:
    run = new_run()
    first = remainder(ledger, KEY, run, orders(tmp_path, "a", "b", "c"), enhanced=False)
    assert missing(first) == 6 and not first.kept
    make(ledger, first, tmp_path, 3)
    second = remainder(ledger, KEY, run, orders(tmp_path, "a", "b", "c"), enhanced=False)
    assert [[recipe.prompt.typed + str(recipe.seed) for recipe in order.recipes] for order in second.orders] == [["b2"], ["c1", "c2"]]
    make(ledger, second, tmp_path, 3)
    third = remainder(ledger, KEY, run, orders(tmp_path, "a", "b", "c"), enhanced=False)
    assert missing(third) == 0 and len(third.kept) == 6


def test_a_picture_that_was_deleted_is_missing_again(ledger: Ledger, tmp_path: Path) -> None:
    run = new_run()
    make(ledger, remainder(ledger, KEY, run, orders(tmp_path, "a"), enhanced=False), tmp_path, 2)
    next(tmp_path.glob("*.png")).unlink()
    assert missing(remainder(ledger, KEY, run, orders(tmp_path, "a"), enhanced=False)) == 1


def test_equal_lines_are_two_pictures(ledger: Ledger, tmp_path: Path) -> None:
    run = new_run()
    twice = orders(tmp_path, "a", "a")
    make(ledger, remainder(ledger, KEY, run, twice, enhanced=False), tmp_path, 3)
    assert missing(remainder(ledger, KEY, run, twice, enhanced=False)) == 1


@pytest.mark.parametrize("field", [{"steps": 5}, {"guidance": 1.0}, {"seed": 9}, {"clip_prompt": "x"}, {"true_cfg": 2.0}, {"width": 96}])
def test_another_recipe_is_another_picture(ledger: Ledger, tmp_path: Path, field: dict[str, object]) -> None:
    run = new_run()
    before = orders(tmp_path, "a")
    make(ledger, remainder(ledger, KEY, run, before, enhanced=False), tmp_path, 2)
    after = [order.model_copy(update={"recipes": tuple(one.model_copy(update=field) for one in order.recipes)}) for order in before]
    assert missing(remainder(ledger, KEY, run, after, enhanced=False)) == 2


def test_another_place_or_enhancing_makes_them_anew(ledger: Ledger, tmp_path: Path) -> None:
    run = new_run()
    make(ledger, remainder(ledger, KEY, run, orders(tmp_path, "a"), enhanced=False), tmp_path, 2)
    assert missing(remainder(ledger, KEY, run, orders(tmp_path / "b", "a"), enhanced=False)) == 2
    assert missing(remainder(ledger, KEY, run, orders(tmp_path, "a"), enhanced=True)) == 2


def test_the_same_file_and_place_is_the_same_run_until_it_is_wanted_again(ledger: Ledger, tmp_path: Path) -> None:
    key = run_key(tmp_path / "p.txt", Destination(tmp_path))
    assert key == run_key(tmp_path / "x" / ".." / "p.txt", Destination(tmp_path, picture_count=9))
    assert key != run_key(tmp_path / "q.txt", Destination(tmp_path)) != run_key(tmp_path / "q.txt", Destination(tmp_path, suffix=".jpg"))
    first = run_for(ledger, key, again=False)
    assert run_for(ledger, key, again=False) != first, "a run that was never begun is not remembered"
    ledger.begin_prompt_run(key, first)
    assert run_for(ledger, key, again=False) == first
    second = run_for(ledger, key, again=True)
    assert second.id != first.id
    ledger.begin_prompt_run(key, second)
    assert run_for(ledger, key, again=False) == second


def test_pictures_that_are_still_with_the_worker_are_not_put_again(ledger: Ledger, tmp_path: Path) -> None:
    run = new_run()
    first = remainder(ledger, KEY, run, orders(tmp_path, "a", "b"), enhanced=False)
    left = first.orders[0]
    ledger.add_job(JobEntry("ab" * 16, "local", "pod", "m", left.to_ledger(), 1.0, 2))
    second = remainder(ledger, KEY, run, orders(tmp_path, "a", "b"), enhanced=False)
    assert missing(second) == 2 and [job.entry.id for job in second.pending] == ["ab" * 16]


def test_a_recipe_without_the_newer_fields_keeps_its_identity(tmp_path: Path) -> None:
    run = new_run()
    order = orders(tmp_path, "a")[0]
    old = [{name: value for name, value in recipe.model_dump().items() if value is not None} for recipe in order.recipes]
    again = order.model_copy(update={"recipes": tuple(type(order.recipes[0]).model_validate(data) for data in old)})
    assert everything(run, [again]).whole[0].identities == everything(run, [order]).whole[0].identities
    assert everything(replace(run, id="0" * 32), [order]).whole[0].identities != everything(run, [order]).whole[0].identities
