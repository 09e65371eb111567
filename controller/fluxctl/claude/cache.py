"""Keeps Claude's answers in files, so that the same prompt gives the same picture again and is paid for once."""

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import cast

from fluxctl.claude.request import Request

FOLDER = "enhanced"
_SCHEMA = 1


class AnswerCache:
    """A folder with one JSON file for each request; what is damaged there counts as missing."""

    def __init__(self, cache: Path) -> None:
        self.folder = cache / FOLDER

    def answer(self, request: Request) -> str | None:
        """Return what was answered to this request before; None if nothing was, or it cannot be read any more."""
        try:
            data: object = json.loads(self._file(request).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(data, dict):
            return None
        entry = cast(dict[str, object], data)
        answer = entry.get("answer")
        is_ours = entry.get("schema") == _SCHEMA and entry.get("prompt") == request.prompt
        return answer if is_ours and isinstance(answer, str) else None

    def keep(self, request: Request, answer: str, now: float) -> None:
        """Write an answer aside, then rename it; where that cannot be done, the next time costs another call and nothing is lost."""
        entry = {"schema": _SCHEMA, "prompt": request.prompt, "answer": answer, "model": request.model, "created_at": now}
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, aside = tempfile.mkstemp(prefix=".answer-", dir=self.folder)
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                    json.dump(entry, stream, ensure_ascii=False)
                Path(aside).replace(self._file(request))
            except OSError:
                Path(aside).unlink(missing_ok=True)

    def _file(self, request: Request) -> Path:
        return self.folder / f"{request.key}.json"
