"""Commands on accounts, for the operator at the console."""

import sys

import click
from flask.cli import AppGroup
from pydantic import ValidationError

from wastetrack.domain.access import SYSTEM, Role
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts import service
from wastetrack.features.accounts.service import CreateAccount, Leaving
from wastetrack.infra import clock
from wastetrack.infra.db import writing
from wastetrack.infra.i18n import ENGLISH, say, speaking
from wastetrack.infra.work import Work
from wastetrack.web.context import engine

accounts = AppGroup("accounts", help="Make administrators, and help one who has lost his password.")

_ROLES = {"system": Role.SYSTEM_ADMIN, "security": Role.SECURITY_ADMIN, "audit": Role.AUDIT_ADMIN}


@accounts.command("create-admin")
@click.option("--role", type=click.Choice(list(_ROLES)), required=True, help="Which of the three administrators.")
@click.option("--username", required=True)
@click.option("--name", help="The person's name; the username when not given.")
@click.option("--generate", is_flag=True, help="Print a one-time password instead of asking for one.")
def create_admin(role: str, username: str, name: str | None, generate: bool) -> None:
    """Make an administrator. Asks for the password twice, without showing it."""
    password = None if generate else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with speaking(ENGLISH):
        try:
            command = CreateAccount(username=username, name=name or username, roles=frozenset({_ROLES[role]}))
            with writing(engine()) as session:
                work = Work(session, SYSTEM, clock.now(), device="console")
                # Whoever typed the password himself need not change it.
                user, one_time = service.create_administrator(
                    work, command, password=password, must_change=password is None
                )
        except ValidationError as error:
            _fail("; ".join(_words(error)))
        except Refusal as refusal:
            _fail("\n".join(say(problem) for problem in refusal.problems))
    click.echo(f"Made the account {user.username}.")
    if one_time:
        click.echo(f"One-time password: {one_time}")


@accounts.command("reset-password")
@click.option("--username", required=True)
@click.option("--generate", is_flag=True, help="Print a one-time password instead of asking for one.")
def reset_password(username: str, generate: bool) -> None:
    """Give an account another password. For an administrator this is the only way."""
    password = None if generate else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with speaking(ENGLISH):
        try:
            with writing(engine()) as session:
                work = Work(session, SYSTEM, clock.now(), device="console")
                user, one_time = service.reset_at_console(work, username, password=password)
        except Refusal as refusal:
            _fail("\n".join(say(problem) for problem in refusal.problems))
    click.echo(f"The password of {user.username} is reset; all its sessions have ended.")
    if one_time:
        click.echo(f"One-time password: {one_time}")


@accounts.command("reset-second-factor")
@click.option("--username", required=True)
def reset_second_factor(username: str) -> None:
    """Take an account's second factor away. For an administrator this is the only way."""
    with speaking(ENGLISH):
        try:
            with writing(engine()) as session:
                work = Work(session, SYSTEM, clock.now(), device="console")
                user = service.reset_second_factor_at_console(work, username)
        except Refusal as refusal:
            _fail("\n".join(say(problem) for problem in refusal.problems))
    click.echo(f"{user.username} has no second factor any more; all its sessions have ended.")


@accounts.command("close")
@click.option("--username", required=True)
@click.option("--reason", required=True, help="Kept in the record for good.")
@click.option("--emergency", is_flag=True, help="Close it also where nobody else has the role.")
def close(username: str, reason: str, emergency: bool) -> None:
    """Close an account at once. For the last security administrator this is the only way."""
    with speaking(ENGLISH):
        try:
            with writing(engine()) as session:
                work = Work(session, SYSTEM, clock.now(), device="console")
                user = service.close_at_console(work, username, Leaving(emergency=emergency), reason)
        except Refusal as refusal:
            _fail("\n".join(say(problem) for problem in refusal.problems))
    click.echo(f"The account {user.username} is closed; all its sessions have ended.")


def _words(error: ValidationError) -> list[str]:
    return [say(problem) for detail in error.errors() for problem in detail.get("ctx", {}).get("problems", ())] or [
        detail["msg"] for detail in error.errors()
    ]


def _fail(text: str) -> None:
    click.echo(text, err=True)
    sys.exit(1)
