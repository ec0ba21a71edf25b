"""The command that builds the demonstration province and prints its accounts."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

import click
from flask.cli import AppGroup

from wastetrack.domain.access import Actor
from wastetrack.domain.problems import Refusal
from wastetrack.domain.words import N_
from wastetrack.features.demonstration import service
from wastetrack.features.demonstration.service.cast import Login
from wastetrack.infra import clock
from wastetrack.infra.db import writing
from wastetrack.infra.i18n import CHINESE, ENGLISH, _, say, speaking
from wastetrack.infra.work import Work
from wastetrack.web.context import engine

demo = AppGroup("demo", help="The demonstration province: invented, marked 演示, for trying things out.")

_WEEK = N_("Week {week} of {weeks}: {count} containers so far.")


@demo.command("load")
@click.option("--days", type=click.IntRange(service.LEAST_DAYS, 60), default=service.DAYS, show_default=True)
@click.option("--seed", type=int, default=service.SEED, show_default=True, help="Another number, another history.")
def load(days: int, seed: int) -> None:
    """Build the demonstration on an empty store and print its accounts. Passwords are random and shown only now."""
    # Millions of short-lived rows and hardly any cycles: looking for those less often saves a tenth of the time.
    gc.set_threshold(50_000, 20, 50)
    try:
        logins = service.load(_open, clock.now(), days=days, seed=seed, tell=_tell)
    except Refusal as refusal:
        raise click.ClickException("\n".join(_both(say, problem) for problem in refusal.problems)) from None
    _show(logins)


@contextmanager
def _open(actor: Actor, now: datetime) -> Iterator[Work]:
    with writing(engine()) as session:
        yield Work(session, actor, now, device="demonstration")


def _tell(week: int, weeks: int, count: int) -> None:
    click.echo(_both(lambda message: _(message, week=week, weeks=weeks, count=count), _WEEK))


def _show(logins: list[Login]) -> None:
    """Print the accounts, each in both languages: nobody can read a password again."""
    click.echo("")
    click.echo(_both(_, N_("Demonstration accounts. The passwords are shown only this once: keep them.")))
    for login in logins:
        person = login.person
        click.echo(f"\n  {person.username:<22}{login.password}")
        click.echo(f"    {_both(_, person.role.label)}  {login.acts_for}".rstrip())
        if person.hint:
            click.echo("    " + _both(_, person.hint, between="\n    "))
    click.echo("")


T = TypeVar("T")


def _both(words: Callable[[T], str], what: T, between: str = " / ") -> str:
    """Say something in Chinese and in English."""
    said = []
    for language in (CHINESE, ENGLISH):
        with speaking(language):
            said.append(words(what))
    return between.join(dict.fromkeys(said))
