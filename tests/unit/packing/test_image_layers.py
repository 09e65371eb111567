"""What the layers of the image take is told, and one that takes too much is noticed."""

from pathlib import Path

import pytest

from packing.layers import MEGABYTE, PARTS, Share, read_history, shares, table

CHECKOUT = Path(__file__).parents[3]
HISTORY = "\n".join(
    [
        "0\tLABEL org.opencontainers.image.title=fluxctl pod",
        "2939153\tRUN |1 TORCH_INDEX= /bin/sh -c python -m compileall -q fluxctl fluxpod",
        "0\tCOPY /weights /opt/venv/lib/python3.11/site-packages/fluxpod/embedded/weights",
        "482900000\tRUN /bin/sh -c pip install -r /media/libraries.txt",
        "756600000\tRUN /bin/sh -c pip install -r /media/torch.txt",
        "12\tRUN /bin/sh -c test ! -s /media/cuda.txt || pip install -r /media/cuda.txt",
        "14300\tRUN /bin/sh -c python3 -m venv /opt/venv",
        "286200000\tRUN /bin/sh -c apt-get update && apt-get install rsync",
        "0\tCMD [python3]",
        "130000000\t",
    ]
)


def _found(torch: str = "cpu", history: str = HISTORY) -> dict[str, Share]:
    return {share.name: share for share in shares(read_history(history), torch)}


def test_each_layer_is_known_by_what_makes_it() -> None:
    found = _found()
    assert found["code"].size == 2939153
    assert found["libraries"].size == 482900000
    assert found["torch"].size == 756600000
    assert found["system"].size == 286200000
    assert found["rest"].size == 14300


def test_what_is_older_than_our_first_layer_is_the_base_and_unbounded() -> None:
    base = _found()["base"]
    assert base.size == 130000000 and not base.is_over


@pytest.mark.parametrize("name", ["code", "weights", "libraries", "torch", "system"])
def test_a_layer_over_its_budget_is_noticed(name: str) -> None:
    budget = next(part.budget_megabytes for part in PARTS["cpu"] if part.name == name)
    assert not Share(name, int(budget * MEGABYTE), budget).is_over
    assert Share(name, int(budget * MEGABYTE) + 1, budget).is_over


def test_the_build_for_processors_must_not_bring_cuda() -> None:
    assert _found(history=HISTORY.replace("12\tRUN", "120000\tRUN"))["cuda"].is_over
    assert not _found("cuda", HISTORY.replace("12\tRUN", "4700000000\tRUN"))["cuda"].is_over


def test_a_new_layer_that_nobody_named_is_noticed() -> None:
    assert _found(history="2000000\tRUN /bin/sh -c something else\n" + HISTORY)["rest"].is_over


def test_the_table_names_every_layer_its_budget_and_the_whole() -> None:
    printed = table(shares(read_history("9000000\tRUN python -m compileall\n" + HISTORY), "cpu"))
    code = next(line for line in printed.splitlines() if line.startswith("code"))
    assert code.split() == ["code", "11.9", "6", "too", "large"]
    assert printed.splitlines()[-1].startswith("together")


@pytest.mark.parametrize("torch", ["cpu", "cuda"])
def test_every_part_stands_in_the_dockerfile_in_one_command(torch: str) -> None:
    final = (CHECKOUT / "Dockerfile").read_text().split("AS pod\n")
    stage = final[0].split("AS installer")[0] + final[1]
    commands = [line for line in stage.replace("\\\n", " ").splitlines() if line.startswith(("RUN", "COPY"))]
    for part in PARTS[torch]:
        assert sum(part.mark in command for command in commands) == 1, part.name


def test_a_history_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        read_history("a lot\tRUN x")
