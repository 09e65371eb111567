"""Writes times, lengths of time and money as people read them (pure)."""

import time

CENT_USD = 0.01


def moment(seconds: float) -> str:
    """Given seconds since 1970 (UTC), return them as this computer's date and time."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def clock(seconds: float) -> str:
    """Return seconds as mm:ss, or h:mm:ss."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes:02}:{rest:02}"


def span(seconds: float) -> str:
    """Return a length of time as people say it."""
    if seconds < 120:
        return f"{seconds:g} s"
    if seconds < 7200:
        return f"{round(seconds / 60, 1):g} min"
    return f"{round(seconds / 3600, 1):g} h"


def dollars(amount: float) -> str:
    """Return money; what is less than ten cents with tenths of a cent, so that it is seen to grow."""
    return f"${amount:.3f}" if 0 < abs(amount) < 10 * CENT_USD else f"${amount:.2f}"


def rate(price_per_hour_usd: float | None) -> str:
    """Return a price an hour, None as not known."""
    return "price not known" if price_per_hour_usd is None else f"${price_per_hour_usd:.2f}/h"
