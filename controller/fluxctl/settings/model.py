"""The shape of all settings: groups, fields and ranges. The values and their reasons stand in config_defaults.yaml."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from fluxpod.protocol import LARGEST_SEED, LARGEST_SIDE_PIXELS, MOST_PICTURES_PER_JOB, MOST_STEPS, SMALLEST_SIDE_PIXELS

LARGEST_GUIDANCE = 100
SMALLEST_DISK_GB, LARGEST_DISK_GB = 10, 2000
LONGEST_SECONDS = 2_592_000
"""30 days."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Steps = Annotated[int, Field(ge=1, le=MOST_STEPS)]
Guidance = Annotated[float, Field(ge=0, le=LARGEST_GUIDANCE, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, le=LONGEST_SECONDS, allow_inf_nan=False)]
Pixels = Annotated[int, Field(ge=SMALLEST_SIDE_PIXELS**2, le=LARGEST_SIDE_PIXELS**2)]
Quality = Annotated[int, Field(ge=1, le=100)]
ImageText = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,499}$", description="an image's name, such as ghcr.io/somebody/fluxctl-pod:0.1.0")
]
VolumeName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{1,127}$", description="letters, digits, _, . and -")]
GpuTypes = Annotated[
    str,
    Field(
        pattern=r"^\s*[A-Za-z0-9][A-Za-z0-9 ._/()+-]*(,\s*[A-Za-z0-9][A-Za-z0-9 ._/()+-]*)*,?\s*$",
        description="GPU types with commas between, such as NVIDIA L40S, NVIDIA GeForce RTX 4090",
    ),
]
SecretName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$", description="letters, digits, _ and -")]
SizeText = Annotated[str, Field(pattern=r"^[1-9][0-9]{1,3}x[1-9][0-9]{1,3}$", description="WIDTHxHEIGHT in pixels")]
SourceText = Annotated[
    str,
    Field(
        pattern=r"^(embedded|/.+|[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9_.-]+)$",
        description="embedded, a Hugging Face id (owner/name), or an absolute folder",
    ),
]


class Group(BaseModel):
    """Base of every group: frozen, unknown names refused, no silent conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Generate(Group):
    """What `gen` makes when no flag says otherwise; None: the preset or the model card decides."""

    preset: str | None
    model: str | None
    size: str
    steps: Steps | None
    guidance: Guidance | None
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None
    count: Annotated[int, Field(ge=1, le=MOST_PICTURES_PER_JOB)]


class Pictures(Group):
    """How pictures are kept."""

    folder: str | None
    """May begin with ~; None: the user's own pictures folder."""
    format: Literal["png", "jpeg", "webp"]
    jpeg_quality: Quality
    webp_quality: Quality
    metadata: bool
    open: bool


class Pod(Group):
    """A pod: what it is made of, and when it ends by itself (the fields of `fluxpod.pod_contract.Limits`)."""

    image: ImageText | None
    """None: the image that `make image` builds."""
    registry_auth_id: Name | None
    end: Literal["terminate", "stop"]
    """Of a rented pod."""
    idle_timeout_seconds: Seconds
    boot_grace_seconds: Seconds
    lifetime_seconds: Seconds
    drain_seconds: Seconds
    stall_timeout_seconds: Seconds
    silence_timeout_seconds: Seconds


class Runpod(Group):
    """A pod rented at RunPod."""

    gpu_types: GpuTypes
    """In order; `gpu_types.gpu_types_of` takes them apart."""
    maximum_price_per_hour_usd: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] | None
    cloud: Literal["secure", "community", "any"]
    data_center: Name | None
    volume_id: Name | None
    volume_size_gb: Annotated[int, Field(ge=10, le=4096)]
    container_disk_gb: Annotated[int, Field(ge=SMALLEST_DISK_GB, le=LARGEST_DISK_GB)]
    volume_disk_gb: Annotated[int, Field(ge=0, le=LARGEST_DISK_GB)]
    """0: none; else no less than `SMALLEST_DISK_GB`."""
    offers_tried: Annotated[int, Field(ge=1, le=20)]
    hf_token_secret: SecretName | None
    transport: Literal["auto", "graphql", "rest"]


class Docker(Group):
    """A pod in a container on this computer."""

    volume: VolumeName | None
    """None: one of this user's own."""
    gpu: Literal["auto", "none"]
    network: Literal["bridge", "host"]


class Worker(Group):
    """What the worker takes and keeps."""

    queue_limit: Annotated[int, Field(ge=1, le=1_000_000)]
    """Pictures."""
    keep_results_seconds: Seconds


class Link(Group):
    """Reaching the worker."""

    ssh_key: str | None
    """A file, may begin with ~; None: the key that fluxctl made, else one of ~/.ssh or of the agent."""
    ssh_alive_seconds: Annotated[int, Field(ge=1, le=300)]
    ssh_keep_seconds: Annotated[int, Field(ge=10, le=86_400)]
    connect_timeout_seconds: Annotated[float, Field(gt=0, le=90, allow_inf_nan=False)]
    request_timeout_seconds: Annotated[float, Field(gt=0, le=90, allow_inf_nan=False)]
    ready_timeout_seconds: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class Enhance(Group):
    """Having prompts rewritten by Claude."""

    enabled: bool
    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:@/-]{0,199}$", description="the id of a model of Anthropic's")]
    maximum_words: Annotated[int, Field(ge=5, le=400)]
    minimum_kept_share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None
    timeout_seconds: Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)]
    retries: Annotated[int, Field(ge=0, le=10)]
    maximum_tokens: Annotated[int, Field(ge=16, le=20_000)]
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None


class PresetPart(Group):
    """What a preset says about a recipe; None: nothing."""

    size: str | None = None
    """A named size, or `WIDTHxHEIGHT`."""
    steps: Steps | None = None
    guidance: Guidance | None = None


class Preset(PresetPart):
    """A named part of a recipe, with other values for certain models."""

    model: str | None = None
    models: dict[str, PresetPart] = {}


class ModelCard(Group):
    """What has to be known of a model to make a recipe for it."""

    source: SourceText
    revision: str | None = None
    steps: Steps
    guidance: Guidance
    maximum_sequence_length: Annotated[int, Field(ge=16, le=512)]
    native_pixels: Pixels
    smallest_pixels: Pixels | None = None
    """None: what the worker can."""
    largest_pixels: Pixels | None = None
    """None: what the worker can."""
    licence: str | None = None
    page: str | None = None
    gated: bool = False


class Values(Group):
    """Every setting, secrets excepted."""

    provider: Literal["local", "docker", "runpod"] | None
    generate: Generate
    pictures: Pictures
    pod: Pod
    runpod: Runpod
    docker: Docker
    worker: Worker
    link: Link
    enhance: Enhance
    presets: dict[Name, Preset]
    sizes: dict[Name, SizeText]
    models: dict[Name, ModelCard]
