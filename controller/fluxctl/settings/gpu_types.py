"""Takes the ordered GPU types apart, which stand in one setting with commas between."""


def gpu_types_of(text: str) -> tuple[str, ...]:
    """Given `runpod.gpu_types`, return the types in order, each once."""
    names = (" ".join(name.split()) for name in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name))
