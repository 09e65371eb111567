"""Reads the one text out of a reply of the Messages API: refusals and answers that were cut off are failures."""

import json
from typing import cast

from anthropic.types import Message

from fluxctl.claude.errors import EnhancementError


def answer_text(reply: object) -> str:
    """Given what the SDK returned, return the rewritten prompt; raise EnhancementError if there is none."""
    if not isinstance(reply, Message):
        raise _unreadable()
    reason = reply.stop_reason
    if reason == "refusal":
        raise EnhancementError("Claude refuses to rewrite this prompt", code="refused")
    if reason in ("max_tokens", "model_context_window_exceeded"):
        raise EnhancementError(
            "Claude's answer was cut off", hint="fluxctl config set enhance.maximum_tokens NUMBER", code="answer_cut_off"
        )
    # The SDK checks nothing of what a server sends: any field may be missing or of another kind.
    blocks: object = getattr(reply, "content", None)
    texts = [getattr(block, "text", None) for block in cast(list[object], blocks)] if isinstance(blocks, list) else []
    kinds = [getattr(block, "type", None) for block in cast(list[object], blocks)] if isinstance(blocks, list) else []
    text = "".join(text for text, kind in zip(texts, kinds, strict=True) if kind == "text" and isinstance(text, str))
    if not text.strip():
        raise EnhancementError("Claude answered nothing", code="empty_answer")
    return _prompt_in(text)


def _prompt_in(text: str) -> str:
    try:
        data: object = json.loads(text)
    except (ValueError, RecursionError):
        raise _unreadable() from None
    prompt = cast(dict[str, object], data).get("prompt") if isinstance(data, dict) else None
    if not isinstance(prompt, str):
        raise _unreadable()
    return prompt


def _unreadable() -> EnhancementError:
    return EnhancementError("Claude's answer cannot be read: it is not the JSON that was asked for", code="answer_unreadable")
