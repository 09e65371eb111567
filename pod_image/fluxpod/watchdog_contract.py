"""Reads what a watchdog has to know, whatever is missing or malformed: a pod that nobody ends would cost money."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

from fluxpod import pod_contract as names
from fluxpod.pod_contract import Limits, PodPaths
from fluxpod.small_http import Address

Value = TypeVar("Value")
RUNPOD_API_KEY = "RUNPOD_API_KEY"
_MAY_BE_NOUGHT = ("drain_seconds",)


@dataclass(frozen=True)
class Watched:
    """The pod, as its watchdog knows it."""

    pod_id: str
    worker_token: str = field(repr=False)
    """Empty: the worker cannot be asked, and the boot grace ends the pod."""
    created_at: float | None
    """None: unknown; then the lifetime counts from the first start."""
    end_action: str
    limits: Limits
    paths: PodPaths
    address: Address
    problems: tuple[str, ...] = ()
    """What could not be read, and what holds instead."""


def read_leniently(variables: Mapping[str, str]) -> Watched:
    """Given the process's environment, return what to watch: for what cannot be read, a default that is said."""
    reader = _Reader(variables)
    limits = Limits(**{item.name: reader.limit(item.name, float(item.default)) for item in fields(Limits)})  # pyright: ignore[reportArgumentType]
    return Watched(
        pod_id=reader.pod_id(),
        worker_token=reader.worker_token(),
        created_at=reader.created_at(),
        end_action=reader.end_action(),
        limits=limits,
        paths=PodPaths(Path(variables.get(names.ROOT, "") or "/")),
        address=reader.address(),
        problems=tuple(reader.problems),
    )


class _Reader:
    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self.problems: list[str] = []

    def limit(self, field_name: str, default: float) -> float:
        variable = names.LIMIT_NAMES[field_name]
        number = self._number(variable)
        if number is not None and (number > 0 or (number == 0 and field_name in _MAY_BE_NOUGHT)):
            return number
        return self._instead(variable, default, f"{default:g} s hold")

    def pod_id(self) -> str:
        given = self._given.get(names.POD_ID, "") or self._given.get(names.RUNPOD_POD_ID, "")
        return given or self._instead(names.POD_ID, "unknown", "the pod has no name")

    def worker_token(self) -> str:
        return self._given.get(names.WORKER_TOKEN, "") or self._instead(names.WORKER_TOKEN, "", "the worker cannot be asked")

    def created_at(self) -> float | None:
        number = self._number(names.CREATED_AT)
        return self._instead(names.CREATED_AT, None, "the lifetime counts from now") if number is None else number

    def end_action(self) -> str:
        given = self._given.get(names.END_ACTION, "")
        if given in names.END_ACTIONS:
            return given
        at_runpod = bool(self._given.get(names.RUNPOD_POD_ID) and self._given.get(RUNPOD_API_KEY))
        action = names.END_TERMINATE if at_runpod else names.END_CONTAINER
        return self._instead(names.END_ACTION, action, f"it is {action!r}")

    def address(self) -> Address:
        if socket := self._given.get(names.SOCKET, ""):
            return Path(socket)
        number = self._number(names.PORT) if self._given.get(names.PORT) else float(names.DEFAULT_PORT)
        if number is None or not (number.is_integer() and 1 <= number <= names.LARGEST_PORT):
            number = self._instead(names.PORT, float(names.DEFAULT_PORT), f"{names.DEFAULT_PORT} holds")
        return ("127.0.0.1", int(number))

    def _number(self, variable: str) -> float | None:
        try:
            number = float(self._given.get(variable, ""))
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    def _instead(self, variable: str, value: Value, said: str) -> Value:
        given = self._given.get(variable, "")
        shown = f"is {given[:40]!r}" if given and variable not in names.SECRET_VARIABLES else "is not set"
        self.problems.append(f"{variable} {shown}: {said}")
        return value
