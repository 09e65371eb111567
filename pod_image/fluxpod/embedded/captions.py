"""Says what a scene shows, in many wordings, with filler before and after it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from fluxpod import tokens
from fluxpod.embedded import words
from fluxpod.embedded.scenes import Figure, Scene

LONG_FILLER_TOKENS = 80
COMMON_WORDS = 2400


@dataclass(frozen=True)
class Wording:
    """How a caption is made: shares of captions, 0 to 1, each decided on its own.

    `unknown_shape` puts another word in a shape's place; `silent_background` leaves out a background that goes without saying.
    """

    empty: float = 0.1
    long_filler: float = 0.2
    stray_words: float = 0.1
    nonsense: float = 0.02
    unknown_shape: float = 0.03
    silent_background: float = 0.25


CLEAR = Wording(empty=0.0, long_filler=0.0, stray_words=0.0, nonsense=0.0, unknown_shape=0.0)


def plain(scene: Scene) -> str:
    """The one wording that reads most simply: "a red circle left of a blue star on a white background"."""
    parts = [_with_article(f"{figure.size} {figure.colour} {figure.shape}".strip()) for figure in scene.figures]
    return f" {scene.relation} ".join(parts) + f" on a {scene.background} background"


def caption(scene: Scene, random: Random, wording: Wording | None = None) -> str:
    """A random wording of the scene; `wording` says how often it is empty, buried in filler or replaced by nonsense."""
    wording = wording or Wording()
    if random.random() < wording.empty:
        return ""
    if random.random() < wording.nonsense:
        return " ".join(random.choices(common_words(), k=random.randint(1, 12)))
    text = _sentence(scene, random, wording)
    if random.random() < 0.3:
        text = f"{random.choice(words.LEADS)} {text}"
    if random.random() < 0.2:
        text = f"{text}, {random.choice(words.TAILS)}"
    if random.random() < wording.stray_words:
        strays = " ".join(random.choices(common_words(), k=random.randint(1, 6)))
        text = f"{strays}, {text}" if random.random() < 0.5 else f"{text}, {strays}"
    if random.random() < wording.long_filler:
        text = f"{filler(random)}. {text}"
    if random.random() < 0.2:
        text = text[0].upper() + text[1:] + "."
    return text


def filler(random: Random) -> str:
    """Text without meaning for the picture, of 81 to about 105 CLIP tokens: more than CLIP reads."""
    parts: list[str] = []
    while tokens.count(". ".join(parts)) <= LONG_FILLER_TOKENS:
        spoken = random.choice(words.FILLER) if random.random() < 0.6 else " ".join(random.choices(common_words(), k=random.randint(4, 12)))
        parts.append(spoken)
    return ". ".join(parts)


@cache
def common_words() -> list[str]:
    """Frequent English words, none of which names a colour, a shape, a size or a place; taken from CLIP's first merges."""
    known = {word for text in content_texts() for word in text.split()}
    joined = (left + right for left, right in tokens.merges())
    whole = (name.removesuffix(tokens.END_OF_WORD) for name in joined if name.endswith(tokens.END_OF_WORD))
    fitting = (word for word in whole if len(word) > 2 and word.isascii() and word.isalpha() and word not in known)
    return [word for word, _ in zip(fitting, range(COMMON_WORDS), strict=False)]


def content_texts() -> list[str]:
    """Every text that can carry meaning in a caption, frames with their braces removed: what the subword vocabulary must hold whole."""
    frames = [frame for group in words.RELATIONS.values() for frame in group]
    frames += [*words.BACKGROUND_AFTER, *words.BACKGROUND_BEFORE, *words.CHAIN.values(), "a an and the"]
    frames += [frame for frame, _ in words.FIGURES]
    names = [name for table in (words.COLOURS, words.SHAPES, words.SIZES) for group in table.values() for name in group]
    return [_without_marks(text) for text in frames + names]


def _without_marks(text: str) -> str:
    for slot in ("{a}", "{b}", "{content}", "{colour}", "{size}", "{shape}"):
        text = text.replace(slot, " ")
    return "".join(letter if letter.isalpha() or letter == "-" else " " for letter in text.lower())


def _sentence(scene: Scene, random: Random, wording: Wording) -> str:
    content = _content(scene, random, wording)
    if _usual_background(scene) and random.random() < wording.silent_background:
        return content
    frames = words.BACKGROUND_AFTER if random.random() < 0.75 else words.BACKGROUND_BEFORE
    return random.choice(frames).format(content=content, colour=_pick(words.COLOURS[scene.background], random))


def _usual_background(scene: Scene) -> bool:
    """White, or black for something white: what a caption without a background means."""
    return scene.background == ("black" if any(figure.colour == "white" for figure in scene.figures) else "white")


def _content(scene: Scene, random: Random, wording: Wording) -> str:
    names = [_figure(figure, random, random.random() < wording.unknown_shape) for figure in scene.figures]
    if len(names) == 1:
        return names[0]
    if len(names) == 2:
        frames = words.RELATIONS[scene.relation]
        return (random.choice(frames) if random.random() < 0.7 else frames[0]).format(a=names[0], b=names[1])
    return f" {words.CHAIN[scene.relation]} ".join(names)


def _figure(figure: Figure, random: Random, unknown_shape: bool) -> str:
    frame = random.choices([frame for frame, _ in words.FIGURES], [weight for _, weight in words.FIGURES])[0]
    size, colour, shape = words.SIZES[figure.size], words.COLOURS[figure.colour], words.SHAPES[figure.shape]
    name = random.choice(common_words()) if unknown_shape else _pick(shape, random)
    text = frame.format(size=_pick(size, random), colour=_pick(colour, random), shape=name).strip().replace("  ", " ")
    chance = random.random()
    return _with_article(text) if chance < 0.8 else f"the {text}" if chance < 0.9 else text


def _pick(names: tuple[str, ...], random: Random) -> str:
    return names[0] if random.random() < 0.5 else random.choice(names)


def _with_article(text: str) -> str:
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"
