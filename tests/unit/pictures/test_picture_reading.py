"""Files of any kind given to `--from` and `show`."""

import io
import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from tests.support.pictures import a_recipe, save, some_work

from fluxctl.environment import Environment
from fluxctl.errors import ExitCode, UsageError
from fluxctl.pictures.destination import Destination
from fluxctl.pictures.reading import current_sha256, read_recipe


@pytest.fixture
def picture(environment: Environment, tmp_path: Path) -> Path:
    return save(a_recipe(), Destination(tmp_path), environment).path


def record_of(path: Path) -> dict[str, Any]:
    with Image.open(path) as image:
        return json.loads(image.info["fluxctl"])


def with_texts(folder: Path, **texts: str) -> Path:
    info = PngImagePlugin.PngInfo()
    for key, value in texts.items():
        info.add_text(key, value)
    path = folder / "texts.png"
    Image.new("RGB", (16, 16)).save(path, pnginfo=info)
    return path


def refused(path: str | Path, environment: Environment) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_recipe(path, environment)
    assert caught.value.exit_code == ExitCode.USAGE
    assert "\n" not in caught.value.message
    return caught.value


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def test_a_path_is_looked_up_from_the_working_folder_and_from_home(picture: Path, environment: Environment) -> None:
    assert read_recipe(picture.name, environment).recipe == a_recipe()
    picture.rename(environment.home / "p.png")
    assert read_recipe("~/p.png", environment).recipe == a_recipe()


def test_a_file_that_is_not_there_is_named(environment: Environment) -> None:
    problem = refused("nowhere.png", environment)
    assert problem.code == "no_such_file"
    assert "nowhere.png" in problem.message


def test_a_folder_and_an_empty_path_are_refused(environment: Environment, tmp_path: Path) -> None:
    assert "directory" in refused(tmp_path, environment).message.lower()
    assert refused("", environment).code == "bad_path"
    assert refused("a\0b", environment).code == "bad_path"
    assert refused("n" * 300, environment).code == "unreadable"


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 100, b"GIF89a\x01\0\x01\0\0\0\0;"])
def test_what_is_no_picture_is_called_so(environment: Environment, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "thing.png").write_bytes(content)
    assert refused("thing.png", environment).code == "not_a_picture"


@pytest.mark.parametrize("keep", [9, 20, 33, 60])
def test_a_cut_picture_is_refused_without_a_traceback(picture: Path, environment: Environment, keep: int) -> None:
    picture.write_bytes(picture.read_bytes()[:keep])
    assert refused(picture, environment).code in ("broken_picture", "no_recipe")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_no_flipped_bit_ever_makes_anything_but_a_message(environment: Environment, tmp_path: Path, suffix: str) -> None:
    path = save(a_recipe(), Destination(tmp_path, suffix=suffix), environment).path
    whole = path.read_bytes()
    for place in range(0, min(len(whole), 1500), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            current_sha256(read_recipe(path, environment))
        except UsageError as error:
            assert error.message


def test_a_picture_of_another_program_is_called_so(environment: Environment, tmp_path: Path) -> None:
    path = with_texts(tmp_path, parameters="a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512")
    problem = refused(path, environment)
    assert problem.code == "foreign_picture"
    assert "parameters" in problem.message


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_picture_without_a_recipe_is_called_so(environment: Environment, tmp_path: Path, suffix: str) -> None:
    Image.new("RGB", (16, 16)).save(tmp_path / f"plain{suffix}")
    assert refused(f"plain{suffix}", environment).code == "no_recipe"


def test_texts_behind_the_pixels_are_found(picture: Path, environment: Environment, tmp_path: Path) -> None:
    text = chunk(b"tEXt", b"fluxctl\0" + json.dumps(record_of(picture)).encode())
    plain = some_work().png
    (tmp_path / "moved.png").write_bytes(plain[:-12] + text + plain[-12:])
    assert read_recipe("moved.png", environment).recipe == a_recipe()


@pytest.mark.parametrize("text", ["{", "[]", "7", '{"recipe": 3}', '{"recipe": {"model": "x"}}', "[" * 100_000])
def test_a_broken_record_is_refused(environment: Environment, tmp_path: Path, text: str) -> None:
    assert refused(with_texts(tmp_path, fluxctl=text), environment).code in ("broken_json", "no_recipe")


def test_a_missing_field_is_named(picture: Path, environment: Environment, tmp_path: Path) -> None:
    data = record_of(picture)
    del data["recipe"]["guidance"]
    assert "recipe.guidance" in refused(with_texts(tmp_path, fluxctl=json.dumps(data)), environment).message


def test_a_newer_record_is_read_as_far_as_it_is_known(picture: Path, environment: Environment, tmp_path: Path) -> None:
    data = record_of(picture) | {"schema": 2, "later": {"x": 1}}
    data["recipe"]["loras"] = ["later"]
    stored = read_recipe(with_texts(tmp_path, fluxctl=json.dumps(data)), environment)
    assert stored.recipe == a_recipe()
    assert stored.is_from_newer_version


def test_a_newer_record_that_cannot_be_read_asks_for_an_update(environment: Environment, tmp_path: Path) -> None:
    problem = refused(with_texts(tmp_path, fluxctl='{"schema": 7, "recipe": {"what": "else"}}'), environment)
    assert (problem.code, problem.hint) == ("newer_schema", "update fluxctl")


def test_a_head_that_promises_too_many_pixels_is_refused(environment: Environment, tmp_path: Path) -> None:
    for side in (9000, 60_000):
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b""))
        assert "pixels" in refused("bomb.png", environment).message


def test_texts_that_unpack_to_very_much_are_refused(environment: Environment, tmp_path: Path) -> None:
    plain = some_work().png
    bomb = chunk(b"zTXt", b"fluxctl\0\0" + zlib.compress(b" " * 200_000_000, 9))
    (tmp_path / "bomb.png").write_bytes(plain[:33] + bomb + plain[33:])
    assert refused("bomb.png", environment).code in ("broken_picture", "no_recipe")


def test_a_file_larger_than_any_of_ours_is_refused_without_reading_it_all(environment: Environment, tmp_path: Path) -> None:
    with (tmp_path / "huge.json").open("wb") as file:
        file.write(b"{")
        file.truncate(2**40)
    assert "larger" in refused("huge.json", environment).message


@pytest.mark.parametrize(
    "wrap",
    [lambda data: data, lambda data: data["recipe"], lambda data: {"recipes": [data["recipe"]]}],
    ids=["record", "recipe", "recipes"],
)
def test_a_json_file_with_one_recipe_is_read(picture: Path, environment: Environment, tmp_path: Path, wrap: Any) -> None:
    (tmp_path / "recipe.json").write_text(json.dumps(wrap(record_of(picture))), encoding="utf-8")
    stored = read_recipe("recipe.json", environment)
    assert stored.recipe == a_recipe()
    assert stored.format is None


def test_json_with_a_byte_order_mark_is_read(picture: Path, environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text(json.dumps(record_of(picture)), encoding="utf-8-sig")
    assert read_recipe("recipe.json", environment).recipe == a_recipe()


def test_what_gen_printed_leads_to_its_picture(picture: Path, environment: Environment, tmp_path: Path) -> None:
    printed = {"schema": 1, "pictures": [{"path": str(picture), "seed": 184467, "sha256": "x"}], "error": None}
    (tmp_path / "out.json").write_text(json.dumps(printed), encoding="utf-8")
    stored = read_recipe("out.json", environment)
    assert (stored.path, stored.recipe) == (picture, a_recipe())


def test_what_gen_printed_about_several_pictures_asks_for_one(picture: Path, environment: Environment, tmp_path: Path) -> None:
    printed = {"schema": 1, "pictures": [{"path": str(picture)}, {"path": "/b.png"}]}
    (tmp_path / "out.json").write_text(json.dumps(printed), encoding="utf-8")
    problem = refused("out.json", environment)
    assert problem.code == "several_recipes"
    assert str(picture) in problem.hint


def test_broken_json_is_refused(environment: Environment, tmp_path: Path) -> None:
    for content in (b"{", b'{"a": ', b"[1]", b"\xff\xfe{", b"[" * 100_000, b"{}", b'{"pictures": []}'):
        (tmp_path / "x.json").write_bytes(content)
        assert refused("x.json", environment).code in ("broken_json", "no_recipe")


def test_a_recipe_comes_through_a_pipe(picture: Path, environment: Environment) -> None:
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stream:
        json.dump(record_of(picture), stream)
    try:
        assert read_recipe(f"/dev/fd/{reader}", environment).recipe == a_recipe()
    finally:
        os.close(reader)


def test_changed_pixels_are_noticed(picture: Path, environment: Environment) -> None:
    record = record_of(picture)
    info = PngImagePlugin.PngInfo()
    info.add_text("fluxctl", json.dumps(record))
    with Image.open(io.BytesIO(picture.read_bytes())) as image:
        image.putpixel((3, 3), (1, 2, 3))
        image.save(picture, pnginfo=info)
    stored = read_recipe(picture, environment)
    assert current_sha256(stored) != stored.sha256
