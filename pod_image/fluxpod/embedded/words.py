"""Holds the words that captions are made of: names, synonyms, sentence frames and filler."""

from __future__ import annotations

COLOURS: dict[str, tuple[str, ...]] = {
    "red": ("red", "crimson", "scarlet"),
    "orange": ("orange", "tangerine"),
    "yellow": ("yellow", "golden", "lemon"),
    "green": ("green", "emerald"),
    "cyan": ("cyan", "turquoise", "aqua"),
    "blue": ("blue", "cobalt"),
    "purple": ("purple", "violet"),
    "pink": ("pink", "rose"),
    "brown": ("brown", "chocolate"),
    "black": ("black", "jet black"),
    "white": ("white", "snow white"),
    "gray": ("gray", "grey"),
}
SHAPES: dict[str, tuple[str, ...]] = {
    "circle": ("circle", "disc", "disk", "round dot", "ball"),
    "square": ("square", "box"),
    "triangle": ("triangle", "pyramid"),
    "star": ("star", "five-pointed star"),
    "heart": ("heart", "love heart"),
    "ring": ("ring", "hoop", "donut"),
    "cross": ("cross", "plus sign", "plus"),
    "hexagon": ("hexagon", "six-sided shape", "honeycomb cell"),
}
SIZES: dict[str, tuple[str, ...]] = {"small": ("small", "tiny", "little"), "large": ("large", "big", "huge"), "": ("",)}
"""The first of each tuple is the plain name and is used half of the time."""

FIGURES = (
    ("{size} {colour} {shape}", 14),
    ("{size} {shape} in {colour}", 2),
    ("{size} {shape} coloured {colour}", 1),
    ("{size} {shape} that is {colour}", 1),
    ("{colour} {size} {shape}", 2),
)
RELATIONS: dict[str, tuple[str, ...]] = {
    "left of": (
        "{a} to the left of {b}",
        "{a} left of {b}",
        "{a} is on the left of {b}",
        "{b} with {a} on its left",
        "{b} and to its left {a}",
        "on the left {a}, on the right {b}",
        "to the left of {b} is {a}",
        "{a} on the left and {b} on the right",
    ),
    "right of": (
        "{a} to the right of {b}",
        "{a} right of {b}",
        "{a} is on the right of {b}",
        "{b} with {a} on its right",
        "{b} and to its right {a}",
        "on the right {a}, on the left {b}",
        "to the right of {b} is {a}",
        "{a} on the right and {b} on the left",
    ),
    "above": (
        "{a} above {b}",
        "{a} over {b}",
        "{a} is above {b}",
        "{b} with {a} above it",
        "at the top {a}, at the bottom {b}",
        "above {b} is {a}",
        "{a} higher than {b}",
        "{a} on top and {b} at the bottom",
    ),
    "below": (
        "{a} below {b}",
        "{a} under {b}",
        "{a} is underneath {b}",
        "{b} with {a} below it",
        "at the bottom {a}, at the top {b}",
        "beneath {b} is {a}",
        "{a} lower than {b}",
        "{a} at the bottom and {b} on top",
    ),
    "inside": (
        "{a} inside {b}",
        "{a} within {b}",
        "{a} is inside {b}",
        "{b} with {a} inside",
        "{b} containing {a}",
        "inside {b} is {a}",
        "{a} in the middle of {b}",
        "{b} around {a}",
    ),
}
CHAIN = {"left of": "to the left of", "right of": "to the right of", "above": "above", "below": "below"}
BACKGROUND_AFTER = (
    "{content} on a {colour} background",
    "{content} on a {colour} background",
    "{content} on {colour}",
    "{content} against a {colour} backdrop",
    "{content}, {colour} background",
    "{content} with a {colour} background",
    "{content}. The background is {colour}",
    "{content} in front of a {colour} wall",
)
BACKGROUND_BEFORE = (
    "on a {colour} background, {content}",
    "{colour} background, {content}",
    "a {colour} background with {content}",
    "{colour} backdrop: {content}",
    "a {colour} picture showing {content}",
)
LEADS = (
    "a picture of", "an image of", "a drawing of", "please draw", "show me", "i want", "there is", "we see", "paint",
    "a simple illustration of", "draw", "a minimal poster of", "a photo of", "a flat icon of", "now", "just",
)  # fmt: skip
TAILS = (
    "flat vector style", "minimal", "simple", "high quality", "clean edges", "sharp", "please", "nice and plain", "digital art", "4k",
    "for a poster", "nothing else",
)  # fmt: skip
FILLER = (
    "this is the third time that we talk about it and the weather was fine all week",
    "my sister said the meeting went well and everybody liked the new plan",
    "before we begin, think of a quiet morning at home with coffee and the radio playing",
    "the train was late again, so the children played cards and told stories until noon",
    "as you know the museum opens at nine and the guide speaks slowly for visitors",
    "take your time, breathe, and do not worry about the details of the last version",
    "in this series each work has a number and a short note by the artist",
    "we walked along the river, crossed the old bridge and bought bread for dinner",
    "the camera has a fast lens and the light comes from a large window in the studio",
    "make it look calm, balanced, well composed, professional and easy to read from far away",
    "he wrote that the book is long but worth reading twice when winter comes",
    "award winning, trending, highly detailed, very best quality, masterpiece, studio light",
)
