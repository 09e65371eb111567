"""`fluxctl gen`: pictures from a prompt."""

from typing import TYPE_CHECKING, Any

import typer

from fluxctl.cli import options, rent_options
from fluxctl.errors import FluxctlError, UsageError

if TYPE_CHECKING:
    from fluxctl.environment import Environment
    from fluxctl.pictures.stored import StoredPicture


def gen(
    context: typer.Context,
    prompt: options.Prompt = None,
    prompt_file: options.PromptFile = None,
    preset: options.Preset = None,
    fast: options.Fast = False,
    balanced: options.Balanced = False,
    quality: options.Quality = False,
    model: options.Model = None,
    size: options.Size = None,
    square: options.Square = False,
    portrait: options.Portrait = False,
    landscape: options.Landscape = False,
    four_k: options.FourK = False,
    steps: options.Steps = None,
    guidance: options.Guidance = None,
    seed: options.Seed = None,
    count: options.Count = None,
    every_combination: options.All = False,
    clip_prompt: options.ClipPrompt = None,
    negative: options.Negative = None,
    true_cfg: options.TrueCfg = None,
    origin: options.From = None,
    enhance: options.Enhance = None,
    enhance_required: options.EnhanceRequired = False,
    refresh: options.Refresh = False,
    out: options.Out = None,
    grid: options.Grid = False,
    again: options.Again = False,
    format: options.Format = None,
    metadata: options.Metadata = None,
    open_after: options.Open = None,
    provider: options.Provider = None,
    gpu: rent_options.Gpu = None,
    max_price: rent_options.MaxPrice = None,
    cloud: rent_options.Cloud = None,
    data_center: rent_options.DataCenter = None,
    max_hours: rent_options.MaxHours = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Make pictures from a prompt.

    The first call starts a worker and loads the model; later calls find it warm. The worker ends by itself when nobody uses it.

    Where it has to be rented, plan and price are shown first, and nothing is rented before you agree.
    """
    from fluxctl.cli.making import make
    from fluxctl.cli.numbers import parse_numbers
    from fluxctl.cli.prompts import read_prompts
    from fluxctl.cli.quote_lines import gpu_types
    from fluxctl.cli.seeds import parse_seeds
    from fluxctl.output.sink import Sink
    from fluxctl.services.commission import Commission
    from fluxctl.services.renting import RentFlags
    from fluxctl.services.wishes import wishes_for
    from fluxctl.wish import Wish

    _check_enhancing(enhance, required=enhance_required, refresh=refresh)
    environment = context.obj.environment
    original = _original(origin, environment)
    prompts = read_prompts(prompt, prompt_file, environment, optional=original is not None)
    if again and prompts.file is None:
        raise UsageError(
            "--again is about a prompt file: without one every picture is made anew", hint="leave --again out", code="needs_prompt_file"
        )
    wish = Wish(
        prompts=prompts.typed,
        model=model,
        preset=_one("preset", preset, {"--fast": fast, "--balanced": balanced, "--quality": quality}),
        size=_one("size", size, {"--square": square, "--portrait": portrait, "--landscape": landscape, "--4k": four_k}),
        seeds=parse_seeds(seed),
        count=count,
        clip_prompt=clip_prompt,
        negative=negative,
        true_cfg=true_cfg,
        recipe=original.recipe if original else None,
    )
    commission = Commission(
        wishes_for(
            wish,
            prompts.lines,
            parse_numbers("--steps", steps, int, several=grid),
            parse_numbers("--guidance", guidance, float, several=grid),
        ),
        out=out,
        format=format,
        metadata=metadata,
        open=open_after,
        provider=provider,
        rent=RentFlags(gpu_types(gpu), max_price, cloud, data_center, max_hours),
        prompt_file=prompts.file,
        every_combination=every_combination,
        again=again,
        grid=grid,
        original=original,
        enhance=enhance,
        enhance_required=enhance_required,
        refresh=refresh,
    )
    make(commission, environment, Sink(environment, json_mode=json), dry_run=dry_run, yes=yes)


def _original(origin: str | None, environment: "Environment") -> "StoredPicture | None":
    """Return what the file of `--from` says."""
    if origin is None:
        return None
    from fluxctl.pictures.reading import read_recipe

    return read_recipe(origin, environment)


def empty_document(problem: FluxctlError) -> dict[str, Any]:
    """Return the JSON object of `gen --json` for a problem that came before anything was settled."""
    from fluxctl.services.outcome import Outcome

    return Outcome().document(problem)


def _one(what: str, value: str | None, flags: dict[str, bool]) -> str | None:
    """Given the value of `--WHAT` and its short forms, return the one that was said, None if none was; raise UsageError for two."""
    said = {f"--{what}": value} if value is not None else {}
    said |= {flag: flag.removeprefix("--") for flag, given in flags.items() if given}
    if len(said) > 1:
        raise UsageError(f"one {what} at a time: {' and '.join(said)} were given", hint="leave one of them out", code="flags_conflict")
    return next(iter(said.values()), None)


def _check_enhancing(enhance: bool | None, *, required: bool, refresh: bool) -> None:
    """Raise UsageError for flags about Claude that contradict each other."""
    if enhance is False and (required or refresh):
        flag = "--enhance-required" if required else "--refresh"
        raise UsageError(f"--no-enhance and {flag} were given", hint="leave one of them out", code="flags_conflict")
