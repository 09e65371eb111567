"""Asks for many prompts at once, in a thread of its own, so that the command can do something else meanwhile."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from fluxctl.claude.access import Access
from fluxctl.claude.errors import EnhancementError
from fluxctl.claude.judgement import Judgement
from fluxctl.claude.request import Request
from fluxctl.errors import FluxctlError, SettingsError

if TYPE_CHECKING:
    from fluxctl.claude.client import Claude

MOST_AT_ONCE = 4
"""A small account's limit of requests a minute is reached soon enough."""
_PATIENCE_AT_THE_END_SECONDS = 2.0


@dataclass(frozen=True)
class Reply:
    """What came of one request: an answer that may be used, or a problem."""

    answer: str
    problem: FluxctlError | None
    seconds: float


class Batch:
    """A context manager: entering asks, leaving stops what still runs."""

    def __init__(self, requests: Sequence[Request], access: Access, judgement: Judgement, clock: Callable[[], float]) -> None:
        self.requests = requests
        self._access, self._judgement, self._clock = access, judgement, clock
        self._replies: dict[Request, Reply] = {}
        self._hopeless: FluxctlError | None = None
        self._bug: BaseException | None = None
        self._ended = threading.Event()
        self._stopped = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        # A daemon: a name server that does not answer must not keep the command from ending.
        self._thread = threading.Thread(target=self._run, name="claude", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopped.set()
        if self._loop is not None and self._task is not None and not self._ended.is_set():
            # RuntimeError: it ended by itself just now.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(_PATIENCE_AT_THE_END_SECONDS)

    def replies(self) -> dict[Request, Reply]:
        """Wait for all of them, and return them."""
        self._ended.wait()
        if self._bug is not None:
            raise self._bug
        return self._replies

    def _run(self) -> None:
        try:
            asyncio.run(self._ask_all())
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - a bug in this thread is raised in the one that waits
            self._bug = error
        finally:
            self._ended.set()

    async def _ask_all(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        try:
            from fluxctl.claude.client import Claude
        except ImportError as error:
            self._hopeless = _no_sdk(error)
            self._replies = {request: Reply("", self._hopeless, 0.0) for request in self.requests}
            return
        gate = asyncio.Semaphore(MOST_AT_ONCE)
        async with Claude(self._access) as claude:
            await asyncio.gather(*(self._ask(request, claude, gate) for request in self.requests))
        # From here on there is nothing to cancel any more.
        self._ended.set()

    async def _ask(self, request: Request, claude: "Claude", gate: asyncio.Semaphore) -> None:
        async with gate:
            if self._stopped.is_set():
                return
            began = self._clock()
            problem, answer = self._hopeless, ""
            if problem is None:
                try:
                    answer = self._judgement.of(await claude.ask(request), request.prompt)
                except FluxctlError as error:
                    problem = error
                    if isinstance(error, SettingsError) or (isinstance(error, EnhancementError) and error.concerns_all):
                        self._hopeless = error
            self._replies[request] = Reply(answer, problem, self._clock() - began)


def _no_sdk(error: ImportError) -> SettingsError:
    hint = "python -m pip install 'anthropic>=2,<3' (into the environment of fluxctl)"
    return SettingsError(f"Anthropic's SDK cannot be loaded: {error}", hint=hint, code="no_anthropic_sdk")
