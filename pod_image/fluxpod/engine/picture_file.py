"""Encodes and writes finished pictures in a thread of its own, while the next one is being made."""

import hashlib
import io
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from fluxpod.jobs.work import Work
from fluxpod.protocol import EnginePlan, JobRequest, PictureResult, pixels_sha256

_COMPRESSION = 1
"""PNG is lossless at every level; the higher ones take seconds for a few per cent."""


@dataclass(frozen=True)
class FinishedPicture:
    """Pixels (height x width x 3 bytes) and what is known of them."""

    index: int
    seed: int
    pixels: Any
    duration_seconds: float


class PictureFiles:
    """Writes the pictures of one job in their order; at most one waits, so that memory stays flat on a slow disk."""

    def __init__(self, work: Work, job_id: str, request: JobRequest, plan: EnginePlan) -> None:
        self._work = work
        self._job_id = job_id
        self._request = request
        self._plan = plan
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
        self._pending: Future[None] | None = None

    def put(self, picture: FinishedPicture) -> None:
        """Hand a picture over; raise what went wrong with an earlier one."""
        self.wait()
        self._pending = self._writer.submit(self._write, picture)

    def wait(self) -> None:
        """Return when every picture handed over is on disk and reported; raise OSError when one could not be written."""
        pending, self._pending = self._pending, None
        if pending:
            pending.result()

    def __enter__(self) -> Self:
        """Take pictures."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Wait for the last picture, also when the job was stopped: what is finished is kept."""
        try:
            if kind is None:
                self.wait()
        finally:
            self._writer.shutdown(wait=True)

    def _write(self, picture: FinishedPicture) -> None:
        png = encode_png(picture.pixels)
        self._work.save_picture(self._job_id, picture.index, png)
        self._work.add_picture(self._job_id, self._describe(picture, png))

    def _describe(self, picture: FinishedPicture, png: bytes) -> PictureResult:
        height, width = picture.pixels.shape[:2]
        return PictureResult(
            index=picture.index,
            seed=picture.seed,
            width=width,
            height=height,
            steps=self._request.steps,
            sha256=pixels_sha256(width, height, picture.pixels.tobytes()),
            file_sha256=hashlib.sha256(png).hexdigest(),
            file_bytes=len(png),
            duration_seconds=picture.duration_seconds,
            plan=self._plan,
        )


def encode_png(pixels: Any, texts: Mapping[str, str] | None = None) -> bytes:
    """Given height x width x 3 bytes, return them as a PNG file that holds these texts by their names."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for name, text in (texts or {}).items():
        info.add_itxt(name, text)
    buffer = io.BytesIO()
    Image.fromarray(pixels, "RGB").save(buffer, "png", compress_level=_COMPRESSION, pnginfo=info)
    return buffer.getvalue()
