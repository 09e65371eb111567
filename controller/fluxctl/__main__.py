"""`python -m fluxctl` is fluxctl."""

from fluxctl.cli.main import run

run()
