"""Reads one variable of the contract."""

import math
from collections.abc import Mapping

LARGEST_PORT = 65535


class ContractError(ValueError):
    """A variable of the contract is missing or cannot be read; the text names it."""


def text_of(given: Mapping[str, str], name: str) -> str:
    """Given variables, return the one of this name; raise ContractError when it is missing or empty."""
    value = given.get(name, "")
    if not value:
        raise ContractError(f"{name} is not set")
    return value


def number_of(given: Mapping[str, str], name: str) -> float:
    """Given variables, return the number in the one of this name; raise ContractError when there is none."""
    value = text_of(given, name)
    try:
        number = float(value)
    except ValueError as error:
        raise ContractError(f"{name} is not a number: {value!r}") from error
    if not math.isfinite(number):
        raise ContractError(f"{name} is not finite: {value!r}")
    return number


def port_of(given: Mapping[str, str], name: str, default: int) -> int:
    """Given variables, return the TCP port in the one of this name, `default` when it is not set; raise ContractError when it is none."""
    if not given.get(name, ""):
        return default
    number = number_of(given, name)
    if not (number.is_integer() and 1 <= number <= LARGEST_PORT):
        raise ContractError(f"{name} is no TCP port: {given[name]!r}")
    return int(number)
