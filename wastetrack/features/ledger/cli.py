"""Commands on the custody ledger."""

import sys

import click
from flask.cli import AppGroup

from wastetrack.features.ledger import service
from wastetrack.infra.i18n import ENGLISH, _, speaking
from wastetrack.web.context import look

ledger = AppGroup("ledger", help="Check the custody ledger.")


@ledger.command("verify")
def verify() -> None:
    """Check every row of the ledger; name what is wrong and exit with 1."""
    with speaking(ENGLISH):
        findings = 0
        for finding in service.verify(look()):
            findings += 1
            click.echo(f"{finding.stream} #{finding.seq}: {_(finding.flaw.label)}")
    if findings:
        click.echo(f"The ledger is NOT intact: {findings} finding(s).", err=True)
        sys.exit(1)
    click.echo("The ledger is intact.")
