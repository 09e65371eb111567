"""Counts a recipe's text with the model's own tokenizers, and tells what T5 does not hold."""

from dataclasses import dataclass
from typing import Any

from fluxpod.protocol import JobRequest, TextReport


def report_text(pipeline: Any, request: JobRequest) -> TextReport:
    """Given a pipeline and a recipe, return how its text goes into the encoders."""
    clip = _Count.of(pipeline.tokenizer, clip_text(request))
    t5 = _Count.of(pipeline.tokenizer_2, request.prompt)
    limit = request.maximum_sequence_length
    return TextReport(
        clip_tokens=clip.tokens,
        clip_limit=pipeline.tokenizer.model_max_length - clip.marks,
        t5_tokens=t5.tokens + t5.marks,
        t5_limit=limit,
        lost=t5.beyond(limit - t5.marks),
    )


def clip_text(request: JobRequest) -> str:
    """Return what CLIP reads of a recipe."""
    return request.prompt if request.clip_prompt is None else request.clip_prompt


@dataclass(frozen=True)
class _Count:
    """One text as one tokenizer cuts it."""

    tokenizer: Any
    text: str
    ids: list[int]
    offsets: list[tuple[int, int]] | None
    """Where each token stands in the text; None for a tokenizer that does not know."""
    marks: int
    """Tokens that the tokenizer puts around a text."""

    @classmethod
    def of(cls, tokenizer: Any, text: str) -> "_Count":
        with_places = bool(tokenizer.is_fast)
        encoded = tokenizer(text, add_special_tokens=False, truncation=False, return_offsets_mapping=with_places)
        places = encoded["offset_mapping"] if with_places else None
        return cls(tokenizer, text, encoded["input_ids"], places, tokenizer.num_special_tokens_to_add())

    @property
    def tokens(self) -> int:
        """Tokens of the text itself."""
        return len(self.ids)

    def beyond(self, limit: int) -> str:
        """Return the part of the text that comes after its first `limit` tokens, word for word where the tokenizer tells places."""
        if self.tokens <= limit:
            return ""
        if self.offsets is None:
            return str(self.tokenizer.decode(self.ids[limit:], skip_special_tokens=True)).strip()
        return self.text[self.offsets[limit][0] :].strip()
