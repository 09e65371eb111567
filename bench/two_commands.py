"""The smallest Typer program with a choice: two empty commands."""

import typer

app = typer.Typer()


@app.command()
def first() -> None:
    """Do nothing."""


@app.command()
def second() -> None:
    """Do nothing either."""


if __name__ == "__main__":
    app()
