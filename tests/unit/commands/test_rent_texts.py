"""What people read about money: plan, waiting lines, interrupts."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from fluxctl.cli.display import Display
from fluxctl.cli.quote_lines import gpu_types, quote_lines
from fluxctl.environment import Environment
from fluxctl.output.moments import dollars, span
from fluxctl.output.progress import ProgressDisplay
from fluxctl.output.sink import Sink
from fluxctl.pods.offer import Offer, Stock
from fluxctl.pods.pace import Pace
from fluxctl.pods.passed_over import PassedOver
from fluxctl.pods.progress import Progress, Stage
from fluxctl.pods.quote import Quote
from fluxctl.pods.volume import NetworkVolume
from fluxctl.services.interrupted import interrupted_rental
from fluxctl.services.quote_report import quote_document
from fluxctl.services.still_rented import StillRented, still_rented

OFFER = Offer("NVIDIA L40S", "L40S", 48, 0.86, "secure", "EU-RO-1", Stock.LOW)
QUOTE = Quote(
    offers=(OFFER,),
    passed_over=(PassedOver("NVIDIA A40", "none in stock in EU-RO-1"),),
    price_per_hour_usd=0.86,
    lifetime_seconds=28800.0,
    worst_case_usd=6.88,
    latest_end_at=1_800_000_000.0,
    idle_timeout_seconds=600.0,
    image="ghcr.io/me/fluxctl-pod@sha256:0",
    volume=NetworkVolume("v1", "flux", 50, "EU-RO-1"),
    storage_usd_per_month=3.5,
    balance_usd=8.6,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(progress: list[Progress], stream: io.StringIO) -> str:
    clock = iter(float(second) for second in range(0, 10_000, 11))
    environment = Environment(stdin=io.StringIO(), stdout=io.StringIO(), stderr=stream, variables={}, monotonic=lambda: next(clock))
    with ProgressDisplay(Sink(environment)) as display:
        listener = Display(display)
        for one in progress:
            listener.phase(one)
    return stream.getvalue()


def test_the_plan_says_choices_prices_ends_worst_case_and_storage() -> None:
    text = "\n".join(quote_lines(QUOTE))
    for words in (
        "1. NVIDIA L40S · 48 GB · $0.86/h · secure · EU-RO-1 · stock low",
        "passed over: NVIDIA A40 (none in stock in EU-RO-1)",
        "ends 10 min after its last use, at the latest ",
        "$0.86/h at most",
        "$6.88 if it is used until its latest end, after 8 h",
        "volume flux (50 GB in EU-RO-1): $3.50 a month, with or without a pod",
        "balance $8.60, 10 h at this price",
        "image ghcr.io/me/fluxctl-pod@sha256:0",
    ):
        assert words in text


def test_the_plan_as_json_has_the_words_of_the_settings() -> None:
    document = quote_document(QUOTE)
    assert document["offers"][0]["gpu_type"] == "NVIDIA L40S"
    assert document["offers"][0]["stock"] == "low"
    assert {"price_per_hour_usd", "idle_timeout_seconds", "lifetime_seconds", "worst_case_usd", "latest_end_at"} <= set(document)


def test_gpu_types_are_taken_once_each_in_their_order() -> None:
    assert gpu_types(["L40S", "A40 ", "L40S"]) == ("L40S", "A40")
    assert gpu_types(None) == ()


def test_small_money_is_seen_to_grow() -> None:
    assert (dollars(0.0123), dollars(1.5), span(600), span(28800), span(90)) == ("$0.012", "$1.50", "10 min", "8 h", "90 s")


def test_waiting_lines_tell_stage_seconds_and_money() -> None:
    pulling = [Progress(Stage.PULLING, seconds, cost_usd=seconds / 1000) for seconds in (0.0, 11.0)]
    loading = [Progress(Stage.LOADING, s, "", int(s * 1e9), 24_000_000_000, 0.02) for s in (0.0, 11.0)]
    booting = [Progress(Stage.BOOTING, 1.0, cost_usd=0.012), Progress(Stage.CONNECTED, 0.0, "importing torch", cost_usd=0.013)]
    rented = [Progress(Stage.ORDERED, 0.0, "L40S at $0.86/h"), Progress(Stage.RENTED, 0.0, cost_usd=0.0)]
    text = shown([*rented, *pulling, *booting, *loading], io.StringIO())
    assert "pod      ordered: L40S at $0.86/h\n" in text
    assert "pod      rented" in text
    assert "pod      pulling: 11 s · $0.011 so far" in text
    assert "pod      booting · $0.012 so far" in text
    assert "pod      connected: importing torch · $0.013 so far" in text
    assert "worker   loading: 11.0 of 24.0 GB · 13 s left · 11 s · $0.020 so far" in text


def test_a_terminal_gets_one_line_that_is_drawn_anew_and_taken_away() -> None:
    text = shown([Progress(Stage.PULLING, seconds, cost_usd=0.001) for seconds in (0.0, 11.0, 22.0)], Terminal())
    assert text.count("\n") == 1
    assert "22 s" in text
    assert text.endswith("\r\x1b[2K")


def test_a_narrow_terminal_cuts_the_detail_and_not_the_money(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    said = "a sentence that is as long as a line of the system log may be"
    text = shown([Progress(Stage.PULLING, seconds, said, cost_usd=0.001) for seconds in (0.0, 11.0)], Terminal())
    assert "pod      pulling: 11 s · $0.001 so far · a sentence" in text
    assert "…" in text


def test_a_pod_that_ends_is_the_machine_where_it_costs_and_the_worker_where_not() -> None:
    assert shown([Progress(Stage.ENDING, 0.0, cost_usd=0.2)], io.StringIO()) == "pod      ending · $0.20 so far\n"
    assert shown([Progress(Stage.ENDING, 0.0)], io.StringIO()) == "worker   ending\n"


def test_seconds_left_are_told_only_when_bytes_have_moved_for_a_while() -> None:
    pace = Pace()
    assert pace.seconds_left(Progress(Stage.DOWNLOADING, 0.0, "", 0, 100), 0.0) is None
    assert pace.seconds_left(Progress(Stage.DOWNLOADING, 1.0, "", 10, 100), 1.0) is None
    assert pace.seconds_left(Progress(Stage.DOWNLOADING, 10.0, "", 50, 100), 10.0) == 10.0
    assert pace.seconds_left(Progress(Stage.LOADING, 0.0, "", 0, 100), 11.0) is None


def test_ctrl_c_before_anything_was_ordered_says_that_nothing_costs() -> None:
    assert "nothing costs money" in interrupted_rental(()).message


def test_ctrl_c_while_the_order_is_on_its_way_says_what_may_cost() -> None:
    problem = interrupted_rental((StillRented("fluxctl-1-2", None, 0.69, 5.0),))
    assert "whether the pod fluxctl-1-2 exists is not known" in problem.message
    assert "$0.69/h" in problem.message
    assert "fluxctl down" in problem.hint


def test_ctrl_c_while_a_pod_comes_up_names_it_with_the_money() -> None:
    problem = interrupted_rental((StillRented("fluxctl-1-2", "abc", 0.69, 5.0, 0.05),))
    assert "pod abc goes on loading and costs $0.69/h ($0.050 so far)" in problem.message
    assert "fluxctl down ends it now" in problem.hint


def test_where_nothing_was_ever_noted_no_ledger_is_made(tmp_path: Path) -> None:
    environment = Environment(variables={"FLUXCTL_HOME": str(tmp_path / "home")})
    assert still_rented(environment) == ()
    assert not (tmp_path / "home").exists()


def test_every_order_is_told_and_not_only_the_first() -> None:
    text = shown([Progress(Stage.ORDERED, 0.0, f"{name} at $0.86/h") for name in ("L40S", "A40")], io.StringIO())
    assert text == "pod      ordered: L40S at $0.86/h\npod      ordered: A40 at $0.86/h\n"


def test_the_plan_of_a_stopped_pod_says_that_it_is_started_again() -> None:
    text = "\n".join(quote_lines(replace(QUOTE, volume=None, resumes="p1", disk_gb=60, disk_usd_per_month=12.0)))
    assert "the stopped pod p1 is started again: NVIDIA L40S · $0.86/h" in text
    assert "is stopped 10 min after its last use" in text
    assert "a disk of 60 GB: $12.00 a month while it is stopped" in text
    assert "1. NVIDIA" not in text
