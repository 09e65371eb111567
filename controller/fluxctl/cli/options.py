"""The flags of `fluxctl gen`, with their help: data for Typer."""

from pathlib import Path
from typing import Annotated

import typer

RECIPE = "What to make"
PROMPTS = "A better prompt"
FILES = "Files"


def _recipe(*names: str, help: str, metavar: str | None = None) -> typer.models.OptionInfo:
    return typer.Option(*names, help=help, metavar=metavar, rich_help_panel=RECIPE)


def _prompt(*names: str, help: str) -> typer.models.OptionInfo:
    return typer.Option(*names, help=help, rich_help_panel=PROMPTS)


def _file(*names: str, help: str) -> typer.models.OptionInfo:
    return typer.Option(*names, help=help, rich_help_panel=FILES)


Prompt = Annotated[str | None, typer.Argument(help="What to draw; - reads it from stdin.", metavar="PROMPT|-")]
PromptFile = Annotated[
    Path | None, _recipe("--prompt-file", help="One prompt a line, or one JSON object: prompt, seed, size, preset, out, …")
]
Preset = Annotated[str | None, _recipe("--preset", help="A named part of a recipe: fast, balanced, quality, ultra, or yours.")]
Fast = Annotated[bool, _recipe("--fast", help="--preset fast")]
Balanced = Annotated[bool, _recipe("--balanced", help="--preset balanced")]
Quality = Annotated[bool, _recipe("--quality", help="--preset quality")]
Model = Annotated[str | None, _recipe("--model", help="A model card: embedded, FLUX.1-dev, … or yours.")]
Size = Annotated[str | None, _recipe("--size", help="A named size, or WIDTHxHEIGHT in pixels.")]
Square = Annotated[bool, _recipe("--square", help="--size square")]
Portrait = Annotated[bool, _recipe("--portrait", help="--size portrait")]
Landscape = Annotated[bool, _recipe("--landscape", help="--size landscape")]
FourK = Annotated[bool, _recipe("--4k", help="--size 4k (not built yet: it needs an upscaler)")]
Steps = Annotated[str | None, _recipe("--steps", help="Denoising steps; several with --grid.", metavar="N[,N…]")]
Guidance = Annotated[str | None, _recipe("--guidance", help="How closely to follow the prompt; several with --grid.", metavar="X[,X…]")]
Seed = Annotated[str | None, _recipe("--seed", help="A seed, or several: 7,9,11. Without it one is drawn, and shown.", metavar="N[,N…]")]
Count = Annotated[int | None, _recipe("--count", help="Pictures for each prompt; seeds count up.")]
ClipPrompt = Annotated[
    str | None, _recipe("--clip-prompt", help="What CLIP reads, 75 tokens; without it the beginning of the prompt. T5 reads the prompt.")
]
Negative = Annotated[str | None, _recipe("--negative", help="What must not be in the picture; needs --true-cfg over 1.")]
TrueCfg = Annotated[float | None, _recipe("--true-cfg", help="True guidance, such as 2: away from --negative, at twice the time.")]
All = Annotated[bool, _recipe("--all", help="All combinations of {red|green} alternatives; otherwise each seed draws one.")]
From = Annotated[str | None, _recipe("--from", help="Take the recipe of a picture or a JSON file; flags win.", metavar="FILE")]
Enhance = Annotated[bool | None, _prompt("--enhance/--no-enhance", "--enhance-ai", help="Let Claude write a better prompt first.")]
EnhanceRequired = Annotated[bool, _prompt("--enhance-required", help="--enhance, and fail where that cannot be done.")]
Refresh = Annotated[bool, _prompt("--refresh", help="Ask Claude anew, instead of using what it answered before.")]
Out = Annotated[str | None, _file("--out", help="A folder, or a file name; no file is ever written over.")]
Grid = Annotated[bool, _file("--grid", help="Put the pictures on a labelled sheet, over prompts, seeds, steps or guidance.")]
Again = Annotated[bool, _file("--again", help="With --prompt-file: make all anew, not only what is missing.")]
Format = Annotated[str | None, _file("--format", help="png, jpeg or webp.")]
Metadata = Annotated[bool | None, _file("--metadata/--no-metadata", help="Put the recipe into the file.")]
Open = Annotated[bool | None, _file("--open/--no-open", help="Show the picture when it is done.")]
Provider = Annotated[str | None, typer.Option("--provider", help="Where to make it: local, docker, runpod.")]
WhichProvider = Annotated[
    str | None, typer.Option("--provider", help="Whose worker: local, docker or runpod. Without it the one that runs, or ran last.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the full recipe and plan, make nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before something costs money.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, also on failure.")]
