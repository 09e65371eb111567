"""Plans a commission, shows what it costs and asks, and has it carried out."""

from typing import TYPE_CHECKING

from fluxctl.errors import FluxctlError, InterruptedByUser

if TYPE_CHECKING:
    from fluxctl.environment import Environment
    from fluxctl.output.progress import ProgressDisplay
    from fluxctl.output.sink import Sink
    from fluxctl.services.commission import Commission
    from fluxctl.services.outcome import Outcome
    from fluxctl.settings.load import Settings


def make(commission: "Commission", environment: "Environment", sink: "Sink", *, dry_run: bool, yes: bool) -> None:
    """Plan a commission, and carry it out unless it is a dry run; in JSON mode the object is printed also on failure."""
    from fluxctl.output.progress import ProgressDisplay
    from fluxctl.services.interrupted import interrupted_start
    from fluxctl.services.outcome import Outcome
    from fluxctl.settings.load import load_settings

    outcome, settings = Outcome(), None
    try:
        settings = load_settings(environment)
        with ProgressDisplay(sink) as progress:
            done = _make(commission, environment, settings, progress, outcome, dry_run=dry_run, yes=yes)
    except FluxctlError as error:
        error.document = outcome.document
        raise
    except KeyboardInterrupt as interrupt:
        problem = InterruptedByUser("interrupted", hint="fluxctl fetch brings home what was finished")
        if settings is not None and outcome.provider is not None and not outcome.job_ids:
            problem = interrupted_start(environment, settings, outcome.provider)
        problem.document = outcome.document
        raise problem from interrupt
    except Exception as error:
        error.__dict__["document"] = outcome.document  # a bug, too, reports the pictures that are home
        raise
    if done:
        sink.document(outcome.document())


def _make(
    commission: "Commission",
    environment: "Environment",
    settings: "Settings",
    progress: "ProgressDisplay",
    outcome: "Outcome",
    *,
    dry_run: bool,
    yes: bool,
) -> bool:
    """Do it; return False for a dry run, which has told all there is to tell."""
    from fluxctl.cli.display import Display
    from fluxctl.cli.plan_lines import say_plan, show_plan
    from fluxctl.cli.quote_lines import renting, say_quote
    from fluxctl.services.carry_out import carry_out
    from fluxctl.services.fitting import preview
    from fluxctl.services.plan import plan
    from fluxctl.services.provider import chosen

    sink = progress.sink
    choice = chosen(commission.provider, environment, settings, sink.warn).found(environment, settings)
    planned = plan(commission, environment, settings, choice)
    outcome.provider, outcome.model = planned.provider.name, planned.first.model
    say_plan(planned, sink)
    quote = planned.quoted(environment, settings, commission.rent)
    if dry_run:
        if quote is not None:
            say_quote(quote, sink)
        show_plan(preview(planned, commission, settings), quote, sink)
        return False
    terms = renting(commission.rent, sink, progress, yes=yes)
    if quote is not None:
        terms.agree(quote)
    carry_out(planned, commission, environment, settings, Display(progress), outcome, terms)
    return True
