"""Ends one pod, or every pod of this user, and tells what ended, what it cost and what still runs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fluxctl.errors import FluxctlError
from fluxctl.output.moments import dollars, rate

if TYPE_CHECKING:
    from fluxctl.cli.display import Display
    from fluxctl.environment import Environment
    from fluxctl.output.sink import Sink
    from fluxctl.services.pod_list import PodLine
    from fluxctl.services.shut_down import Ended
    from fluxctl.settings.load import Settings


_STOPPED = "fluxctl up starts it again, fluxctl down --all ends it for good"


def end_one_pod(environment: "Environment", settings: "Settings", sink: "Sink", *, provider: str | None) -> None:
    """End the pod of one provider; name what else runs."""
    from fluxctl.services.choice import RUNPOD
    from fluxctl.services.shut_down import chosen_to_end, tidy_others

    choice = chosen_to_end(provider, environment, settings)
    sink.say(f"provider {choice.name} ({choice.because})")
    ended = _shut_down(environment, settings, choice.name, sink)
    tidy_others(environment, settings, choice.name)
    _tell(sink, ended)
    if ended.kept:
        sink.say(f"kept     {ended.kept}: {_STOPPED}")
    for name in choice.live:
        if name != choice.name:
            sink.warn(f"another worker runs: fluxctl down --provider {name} ends it")
    left = _left_elsewhere(environment, settings, sink, told=ended.pod and ended.pod.id) if choice.name == RUNPOD else ()
    pod = ended.pod and {**ended.document(), "created_at": ended.pod.created_at}
    document = {"schema": 1, "provider": choice.name, "ended": ended.anything, "pod": pod, "volume": ended.volume or None}
    sink.document({**document, "elsewhere": [line.document() for line in left], "error": None})


def end_every_pod(environment: "Environment", settings: "Settings", sink: "Sink", *, provider: str | None, yes: bool) -> None:
    """End every pod of this user, those of other computers after a question; raise what went wrong once all were tried."""
    from fluxctl.services.choice import RUNPOD, choose_provider
    from fluxctl.services.elsewhere import end_elsewhere, pods_elsewhere
    from fluxctl.services.provider import used_before

    key_is_set = settings.secrets.runpod_api_key is not None
    names = [choose_provider(provider, None, ()).name] if provider else [*used_before(environment), *([RUNPOD] if key_is_set else [])]
    others = pods_elsewhere(environment, settings) if RUNPOD in names else ()
    if others:
        for line in others:
            sink.say(f"{_place(line)} {_words(line)}")
        sink.confirm(_question(others), yes=yes)
    failures: list[FluxctlError] = []
    ended: list[dict[str, Any]] = []
    for name in dict.fromkeys(names):
        try:
            done = _shut_down(environment, settings, name, sink)
        except FluxctlError as error:
            sink.warn(f"{name}: {error.message}")
            failures.append(error)
            continue
        if done.anything:
            _tell(sink, done)
            ended.append({"provider": name, **done.document()})
    result = end_elsewhere(environment, settings, others)
    for pod_id in result.ended:
        sink.say(f"ended    {pod_id}")
        ended.append({"provider": RUNPOD, "id": pod_id})
    for error in result.failures:
        sink.warn(error.message)
    if failures or result.failures:
        raise [*failures, *result.failures][0]
    if not ended:
        sink.say("nothing is running")
    sink.document({"schema": 1, "ended": bool(ended), "pods": ended, "error": None})


def _shut_down(environment: "Environment", settings: "Settings", provider: str, sink: "Sink") -> "Ended":
    """End the pod; bring home first what is finished. Its notes are told here."""
    from fluxctl.cli.display import Display
    from fluxctl.output.progress import ProgressDisplay
    from fluxctl.services.interrupted import interrupted_end

    try:
        with ProgressDisplay(sink) as progress:
            ended = _ended(environment, settings, provider, Display(progress))
    except KeyboardInterrupt as interrupt:
        raise interrupted_end(environment, provider) from interrupt
    for note in ended.notes:
        sink.warn(note)
    return ended


def _ended(environment: "Environment", settings: "Settings", provider: str, display: "Display") -> "Ended":
    from fluxctl.ledger import Ledger
    from fluxctl.link.client import WorkerClient
    from fluxctl.services.fetch import Fetching
    from fluxctl.services.outcome import Outcome
    from fluxctl.services.shut_down import shut_down

    def collect(client: WorkerClient) -> None:
        with Ledger.open(environment) as ledger:
            Fetching(environment, settings, display, Outcome(), ledger).collect(client, provider)

    return shut_down(environment, settings, provider=provider, before_end=collect, report=display.phase)


def _tell(sink: "Sink", ended: "Ended") -> None:
    if ended.pod is not None:
        cost = "" if ended.cost_usd is None else f" · it cost {dollars(ended.cost_usd)} ({ended.cost_basis})"
        sink.say(f"{'stopped ' if ended.kept else 'ended   '} {ended.pod.id}{cost}")
    else:
        sink.say("ended what was left of an earlier worker" if ended.anything else "nothing is running")
    if ended.volume and ended.anything:
        sink.say(f"volume   {ended.volume} stays, with downloads and jobs; {ended.how_to_delete} deletes both")


def _left_elsewhere(environment: "Environment", settings: "Settings", sink: "Sink", told: str | None) -> Sequence["PodLine"]:
    """Name the pods that are not ended here, but for one that was told; that the account does not answer is only said."""
    from fluxctl.services.elsewhere import is_elsewhere, pods_elsewhere

    try:
        others = [line for line in pods_elsewhere(environment, settings) if line.id != told]
    except FluxctlError as error:
        sink.warn(f"whether pods of your other computers run is not known: {error.message}")
        return ()
    for line in others:
        if is_elsewhere(line):
            sink.warn(f"still runs, rented from another computer: {_words(line)}; fluxctl down --all ends it")
        else:
            sink.warn(f"kept stopped, its disk costs by the month: {_words(line)}; {_STOPPED}")
    return others


def _place(line: "PodLine") -> str:
    from fluxctl.services.elsewhere import is_elsewhere

    return "elsewhere" if is_elsewhere(line) else "stopped  "


def _question(others: Sequence["PodLine"]) -> str:
    """Ask about the pods that only `--all` ends: what is lost with them."""
    from fluxctl.services.elsewhere import is_elsewhere

    away = sum(map(is_elsewhere, others))
    parts = [f"{away} of your other computers' pods, whatever they are doing"] if away else []
    if away < len(others):
        parts.append(f"{len(others) - away} stopped, with all that lies on its disk")
    return f"End {' and '.join(parts)}?"


def _words(line: "PodLine") -> str:
    from fluxctl.output.plain import one_line

    price = "" if line.price_per_hour_usd is None else f" · {rate(line.price_per_hour_usd)}"
    return one_line(f"{line.id} {line.name} · {line.gpu_type or 'GPU not known'}{price}")
