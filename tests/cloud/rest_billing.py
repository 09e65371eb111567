"""REST's billing: the book in buckets of an hour, a day, a week, a month or a year."""

import calendar
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tests.cloud import refusal as kinds
from tests.cloud.account import Account
from tests.cloud.book import Amount
from tests.cloud.market import Market
from tests.cloud.pod import moment
from tests.cloud.refusal import Refusal

HOUR, DAY = 3600.0, 86400.0
USUAL_DAYS = 30
_OTHERS = (
    *("podCpuAmount", "serverlessGpuAmount", "serverlessCpuAmount", "serverlessDiskAmount", "serverlessFeeAmount", "endpointAmount"),
    *("storageStandardAmount", "storageHighPerformanceAmount", "clusterGpuAmount", "clusterDiskAmount", "clusterNetworkingAmount"),
)
"""Nothing of this kind is to be had here."""
_NAMES = ("totalAmount", "gpuAmount", "cpuAmount", "diskAmount")


def pod_billing(market: Market, account: Account, query: Mapping[str, str]) -> dict[str, Any]:
    """Answer GET /v2/billing/pods."""
    buckets, said = _window(market, query)
    pod_id = query.get("podId")
    entries = [entry for entry in market.book if entry.account == account.id and pod_id in (None, entry.pod_id)]
    records: list[dict[str, Any]] = []
    for began, ended in buckets:
        for entry in entries:
            amount = entry.amount(began, min(ended, market.billed_until()))
            if amount.total:
                records.append({"startTime": moment(began), "endTime": moment(ended), "podId": entry.pod_id, **_amounts(amount)})
    totals = {name: round(sum(record[name] for record in records), 10) for name in _NAMES}
    said["podId"] = pod_id
    metadata = {"query": said, "recordCount": len(records), "uniquePodCount": len({one["podId"] for one in records}), "totals": totals}
    return {"records": records, "metadata": metadata}


def billing(market: Market, account: Account, query: Mapping[str, str]) -> dict[str, Any]:
    """Answer GET /v2/billing."""
    buckets, said = _window(market, query)
    mine = [entry for entry in market.book if entry.account == account.id]
    records: list[dict[str, Any]] = []
    for began, ended in buckets:
        amount = sum((entry.amount(began, min(ended, market.billed_until())) for entry in mine), Amount())
        records.append({"startTime": moment(began), "endTime": moment(ended), **_all_amounts(amount)})
    totals = _all_amounts(sum((entry.amount(buckets[0][0], market.billed_until()) for entry in mine), Amount()))
    return {"records": records, "metadata": {"query": said, "recordCount": len(records), "totals": totals}}


def _amounts(amount: Amount) -> dict[str, float]:
    return {
        "totalAmount": round(float(amount.total), 10),
        "gpuAmount": round(float(amount.gpu), 10),
        "cpuAmount": 0.0,
        "diskAmount": round(float(amount.disk), 10),
    }


def _all_amounts(amount: Amount) -> dict[str, float]:
    none = dict.fromkeys(_OTHERS, 0.0)
    pods = _amounts(amount)
    return {"totalAmount": pods["totalAmount"], "podGpuAmount": pods["gpuAmount"], "podDiskAmount": pods["diskAmount"], **none}


def _window(market: Market, query: Mapping[str, str]) -> tuple[list[tuple[float, float]], dict[str, Any]]:
    """Return the buckets that were asked for, and the query as it was understood; raise Refusal."""
    size = query.get("bucketSize", "day")
    if size not in ("hour", "day", "week", "month", "year"):
        raise Refusal(kinds.BROKEN_RULE, f"bucketSize {size!r} is unknown")
    now = market.now()
    if "lastN" in query:
        if "startTime" in query or "endTime" in query:
            raise Refusal(kinds.BROKEN_RULE, "lastN and startTime/endTime are mutually exclusive")
        buckets = [_bucket(now, size)]
        while len(buckets) < int(query["lastN"]):
            buckets.insert(0, _bucket(buckets[0][0] - 1, size))
    else:
        since = _moment(query["startTime"]) if "startTime" in query else now - USUAL_DAYS * DAY
        until = _moment(query["endTime"]) if "endTime" in query else now
        buckets = list(_between(since, until, size))
    if not buckets:
        raise Refusal(kinds.BROKEN_RULE, "endTime must be after startTime")
    return buckets, {"startTime": moment(buckets[0][0]), "endTime": moment(buckets[-1][1]), "bucketSize": size}


def _between(since: float, until: float, size: str) -> Iterable[tuple[float, float]]:
    at = since
    while at < until:
        bucket = _bucket(at, size)
        yield bucket
        at = bucket[1]


def _bucket(at: float, size: str) -> tuple[float, float]:
    """Return begin and end of the bucket in which a moment lies."""
    if size == "hour":
        began = at // HOUR * HOUR
        return began, began + HOUR
    midnight = at // DAY * DAY
    if size == "day":
        return midnight, midnight + DAY
    day = time.gmtime(at)
    if size == "week":
        began = midnight - day.tm_wday * DAY
        return began, began + 7 * DAY
    if size == "month":
        later = (day.tm_year, day.tm_mon + 1) if day.tm_mon < 12 else (day.tm_year + 1, 1)
        return float(calendar.timegm((day.tm_year, day.tm_mon, 1, 0, 0, 0))), float(calendar.timegm((*later, 1, 0, 0, 0)))
    return float(calendar.timegm((day.tm_year, 1, 1, 0, 0, 0))), float(calendar.timegm((day.tm_year + 1, 1, 1, 0, 0, 0)))


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError as error:
        raise Refusal(kinds.BROKEN_RULE, f"{text!r} is no RFC 3339 date-time") from error
