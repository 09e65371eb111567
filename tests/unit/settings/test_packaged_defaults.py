"""config_defaults.yaml: complete, explained, and the numbers that the design fixes."""

import re
from dataclasses import fields

from fluxctl.settings.packaged import packaged_file
from fluxctl.settings.report import rows
from fluxctl.settings.schema import leaves
from fluxpod.pod_contract import Limits
from fluxpod.protocol import SIZE_STEP_PIXELS

OPTIONAL = {"revision", "model", "size", "guidance", "steps"}


def test_the_pods_limits_are_the_contracts_own(world):
    pod = world.load().values.pod.model_dump()
    assert Limits(**{field.name: pod[field.name] for field in fields(Limits)}) == Limits()
    assert set(pod) - {field.name for field in fields(Limits)} == {"image", "registry_auth_id", "end"}


def test_every_setting_stands_in_the_file_with_a_line_of_its_own(world):
    settings = world.load()
    shown = {row.key for row in rows(settings)}
    missing = [".".join(path) for path in leaves(settings.values.model_dump()) if ".".join(path) not in shown and path[-1] not in OPTIONAL]
    assert missing == []
    assert all(re.search(r"config_defaults\.yaml:\d+\)$", row.origin) for row in rows(settings))


def test_every_value_outside_the_cards_is_explained_by_a_comment_above_it():
    lines = packaged_file("config_defaults.yaml").read_text("utf-8").splitlines()
    upto = lines.index("presets:")
    bare = [
        line
        for number, line in enumerate(lines[:upto])
        if re.match(r"\s*[a-z_]+: \S", line) and not lines[number - 1].lstrip().startswith("#")
    ]
    assert bare == []


def test_presets_and_cards_are_those_that_were_promised(world):
    values = world.load().values
    assert {name: preset.steps for name, preset in values.presets.items()} == {"fast": 4, "balanced": 28, "quality": 50, "ultra": 100}
    cards = {name: (card.source, card.steps, card.guidance, card.maximum_sequence_length) for name, card in values.models.items()}
    assert cards == {
        "FLUX.1-dev": ("black-forest-labs/FLUX.1-dev", 28, 3.5, 512),
        "FLUX.1-schnell": ("black-forest-labs/FLUX.1-schnell", 4, 0.0, 256),
        "FLUX.1-Krea-dev": ("black-forest-labs/FLUX.1-Krea-dev", 28, 4.5, 512),
        "embedded": ("embedded", 20, 3.5, 192),
    }
    assert [name for name, card in values.models.items() if not card.gated] == ["embedded"]


def test_every_named_size_fits_every_card(world):
    values = world.load().values
    for card in values.models.values():
        assert card.native_pixels % SIZE_STEP_PIXELS**2 == 0
        assert card.smallest_pixels <= card.native_pixels <= card.largest_pixels


def test_no_preset_asks_schnell_for_more_steps_than_it_was_distilled_to(world):
    values = world.load().values
    assert {preset.models["FLUX.1-schnell"].steps for preset in values.presets.values()} <= {1, 2, 3, 4}
