"""Writes the model card that lies beside the weights."""

from __future__ import annotations

from fluxpod.embedded import (
    architecture,
    drawn,
    palette,
    scenes,
    shapes,
    sheet,
    stages,
    subwords,
    train_autoencoder,
    train_guidance,
    train_texts,
)
from fluxpod.embedded.measuring import Score

NAME = "README.md"


def text(score: Score, step: int, guidance_step: int, precision: str) -> str:
    """The card for weights of so many steps of transformer and guidance, with their measured `score`."""
    table = "\n".join(
        f"| {name} | {share.percent:.1f} % | ± {share.error:.1f} | {share.of} |"
        for name, share in (
            ("background", score.background),
            ("single shape with its colour", score.one),
            ("two shapes with their relation", score.two),
            ("everything in the picture", score.whole),
        )
    )
    plan = "\n".join(_row(stage) for stage in stages.STAGES)
    usual = architecture.GUIDANCE
    usual_weight = train_guidance.weight(usual)
    size = f"{architecture.NATIVE_PIXELS}x{architecture.NATIVE_PIXELS}"
    return f"""# The embedded model

A small FLUX that draws coloured shapes. It is there so that everything works on a computer without GPU or account, and so that a test can
tell from the pixels whether a picture shows what its prompt says. `FluxPipeline.from_pretrained(this folder)` loads it.

![48 held-out prompts]({sheet.NAME})

A green prompt was followed in full, a red one was not, both as the judge reads the pixels.

## Measured

{score.background.of} prompts for scenes whose combination was never trained on, {size}, {drawn.STEPS} steps, {precision}; weights of
training step {step}, guidance step {guidance_step}. A fifth of the prompts carry more filler before the content than CLIP reads.
`make score` measures again.

| | right | standard error | prompts |
|---|---|---|---|
{table}

## What it knows

- Colours: {", ".join(palette.NAMES)}, and a few synonyms.
- Shapes: {", ".join(shapes.NAMES)}; one to three of them; small, large or in between.
- Relations: {", ".join(scenes.RELATIONS)}. In a row of three all relations are the same.
- Backgrounds: one colour; white when the prompt names none.
- Sizes: trained at 128x128, 256x256, 336x192, 192x336, 384x384 and, too little, 512x512: colours and places are
  right there, outlines are not.

## Limits

It knows nothing else. A prompt about anything else gives some coloured shape, or a jumble. Text is read in English and in lower case;
T5 takes {subwords.MAXIMUM_TOKENS} tokens. Guidance works from 1 (none) to 5; the usual {usual:g} stands for true guidance
at {usual_weight:g}. An empty prompt gives any scene, for true classifier-free guidance. CLIP's vector only helps: where `prompt` and
`prompt_2` differ the picture follows `prompt_2`.

## Data

Everything is drawn by `fluxpod.embedded.drawing` from a seed; no picture or caption was taken from anywhere. The words of filler come from
the most frequent entries of CLIP's vocabulary. A scene is held out when a hash of its combination says so (a figure with its background;
a pair of figures with its relation, under any background, size or wording): {scenes.HELD_OUT_SHARE:.0%}.

## Training

`python -m fluxpod.embedded.train`, seed 0, two cores of a CPU, bfloat16 with float32 masters, Muon and AdamW.

1. Autoencoder: {train_autoencoder.STEPS} steps of {train_autoencoder.BATCH} crops, L1, latent noise up to {train_autoencoder.LATENT_NOISE}.
2. Text encoders alone: {train_texts.STEPS} steps of {train_texts.BATCH} captions, to answer what stands where.
3. Transformer, flow matching, text encoders frozen, weights averaged ({step} of {stages.total_steps()} steps done):

| stage | steps | sizes, pictures a step | learning rate |
|---|---|---|---|
{plan}

4. Guidance ({guidance_step} of {train_guidance.STAGE.steps} steps done): the transformer learns to give in one pass, for a number,
   what true classifier-free guidance gives in two ("On Distillation of Guided Diffusion Models", Meng et al., 2023), as FLUX.1-dev did.

## Licence

MIT, like the rest of this project. The vocabulary of the CLIP tokenizer is OpenAI's, MIT; its notice is in `fluxpod/data/CLIP_LICENSE`.
"""


def _row(stage: stages.Stage) -> str:
    sizes = ", ".join(f"{width}x{height}: {count}" for width, height, count, _ in stage.sizes)
    return f"| {stage.name} | {stage.steps} | {sizes} | {stage.rate_start:g} to {stage.rate_end:g} |"
