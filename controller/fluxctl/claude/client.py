"""Asks Claude, through Anthropic's SDK. Importing it takes a second: only what really asks does."""

import asyncio
from types import TracebackType
from typing import Self

import anthropic
from anthropic.types import OutputConfigParam

from fluxctl.claude.access import Access
from fluxctl.claude.answer import answer_text
from fluxctl.claude.failures import Failure, failure_of
from fluxctl.claude.request import ANSWER_SCHEMA, Request


class Claude:
    """One account at one place; an asynchronous context manager. Tries are counted and bounded here, not by the SDK.

    The SDK waits as long as a server asks it to, and its timeout bounds each read, not the whole answer.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._client = anthropic.AsyncAnthropic(
            api_key=access.key, base_url=access.base_url, timeout=access.timeout_seconds, max_retries=0, open_telemetry=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._client.close()

    async def ask(self, request: Request) -> str:
        """Given a request, return the rewritten prompt as it was answered; raise EnhancementError or SettingsError."""
        left = self._access.retries
        while True:
            reply = await self._try(request)
            if not isinstance(reply, Failure):
                return answer_text(reply)
            if not left or reply.pause_seconds is None:
                raise reply.problem
            left -= 1
            await asyncio.sleep(reply.pause_seconds)

    async def _try(self, request: Request) -> object:
        """Return the server's answer, or a Failure; nothing that the SDK raised goes on from here."""
        output: OutputConfigParam = {"format": {"type": "json_schema", "schema": ANSWER_SCHEMA}}
        if self._access.effort is not None:
            output["effort"] = self._access.effort
        try:
            async with asyncio.timeout(self._access.timeout_seconds):
                return await self._client.messages.create(
                    model=request.model,
                    max_tokens=self._access.maximum_tokens,
                    system=request.system,
                    messages=[{"role": "user", "content": request.message}],
                    output_config=output,
                )
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises may hold the request, and with it the key
            return failure_of(error, self._access, request.model)
