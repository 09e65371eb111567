"""Has prompts rewritten by Claude; each one that this fails for is left as it was typed, and the problem is told."""

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from fluxctl.claude.access import access_from
from fluxctl.claude.batch import Batch, Reply
from fluxctl.claude.cache import AnswerCache
from fluxctl.claude.errors import EnhancementError
from fluxctl.claude.instructions import read_instructions
from fluxctl.claude.judgement import Judgement
from fluxctl.claude.request import Request
from fluxctl.claude.words import word_count
from fluxctl.environment import Environment
from fluxctl.errors import FluxctlError, UsageError
from fluxctl.services.enhancement import Enhancement
from fluxctl.settings.limits import checked_prompt
from fluxctl.settings.load import Settings
from fluxctl.settings.said import Said


class Enhancing:
    """Prompts on their way to Claude and back; a context manager. Entering sends them, `results` waits, leaving stops what still runs."""

    def __init__(self, prompts: Sequence[str], environment: Environment, settings: Settings, *, refresh: bool) -> None:
        self._environment, self._settings, self._refresh = environment, settings, refresh
        self._cache = AnswerCache(environment.paths.cache)
        self._prompts = tuple(dict.fromkeys(prompts))
        self._requests: dict[str, Request] = {}
        self._known: dict[str, Enhancement] = {}
        self._batch: Batch | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._prepare()
        except FluxctlError as problem:
            self._give_up(problem)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def results(self) -> list[Enhancement]:
        """Wait for Claude, and return what came of each prompt, in their order, each once."""
        if self._batch is not None:
            replies, self._batch = self._batch.replies(), None
            for request, reply in replies.items():
                self._take(request, reply)
        return [self._known[prompt] for prompt in self._prompts]

    def _prepare(self) -> None:
        """Settle what needs no call, and send the rest."""
        values = self._settings.values.enhance
        instructions = read_instructions(self._environment.paths.config)
        judgement = Judgement(values.maximum_words, values.minimum_kept_share)
        for prompt in self._prompts:
            self._requests[prompt] = Request(prompt, instructions, values.model, values.maximum_words)
            self._settle(self._requests[prompt], judgement)
        left = [request for prompt, request in self._requests.items() if prompt not in self._known]
        if left:
            access = access_from(self._settings, self._environment.variables)
            self._batch = self._stack.enter_context(Batch(left, access, judgement, self._environment.monotonic))

    def _settle(self, request: Request, judgement: Judgement) -> None:
        """Take what was answered before, unless the rules have changed since; refuse a prompt that leaves no word to add."""
        if not judgement.leaves_room(request.prompt):
            self._take(request, Reply("", _long_enough(request), 0.0))
            return
        answer = None if self._refresh else self._cache.answer(request)
        if answer is not None:
            try:
                self._take(request, Reply(judgement.of(answer, request.prompt), None, 0.0), cached=True)
            except EnhancementError:
                return

    def _take(self, request: Request, reply: Reply, *, cached: bool = False) -> None:
        """Note what came of a request, and keep a new answer."""
        if reply.problem is None and not cached:
            self._cache.keep(request, reply.answer, self._environment.now())
        self._known[request.prompt] = Enhancement(
            request.prompt,
            reply.answer if reply.problem is None else request.prompt,
            request.model,
            request.instructions_sha256,
            reply.seconds,
            cached,
            reply.problem,
        )

    def _give_up(self, problem: FluxctlError) -> None:
        """Note one problem for every prompt about which nothing is known."""
        for prompt in self._prompts:
            sha256 = self._requests[prompt].instructions_sha256 if prompt in self._requests else ""
            self._known.setdefault(prompt, Enhancement(prompt, prompt, self._settings.values.enhance.model, sha256, problem=problem))


def enhance(prompt: str, environment: Environment, settings: Settings, *, refresh: bool) -> Enhancement:
    """Given one prompt, return what Claude makes of it; raise UsageError, SettingsError or EnhancementError when it makes nothing."""
    checked_prompt(Said(prompt, "the prompt"))
    with Enhancing((prompt,), environment, settings, refresh=refresh) as enhancing:
        (result,) = enhancing.results()
    if result.problem is not None:
        raise result.problem
    return result


def _long_enough(request: Request) -> UsageError:
    words = word_count(request.prompt)
    text = f"the prompt has {words} words ({len(request.prompt)} characters), and Claude is to write fewer than {request.maximum_words}"
    return UsageError(text, hint=f"FLUXCTL_ENHANCE__MAXIMUM_WORDS={min(2 * words, 400)} fluxctl …", code="prompt_long_enough")
