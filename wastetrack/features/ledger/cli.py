"""Commands on the custody ledger."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from wastetrack.domain.problems import Refusal
from wastetrack.domain.tree_heads import SignedHead
from wastetrack.features.ledger import queries, service
from wastetrack.features.ledger.service import Verification, proving
from wastetrack.features.ledger.shapes import counted, differing, said_of, sealer, summed_up
from wastetrack.infra import clock
from wastetrack.infra.db import snapshot
from wastetrack.infra.i18n import CHINESE, ENGLISH, _, speaking
from wastetrack.infra.signing import KeyFileError
from wastetrack.web.context import engine, look

ledger = AppGroup("ledger", help="Check the custody ledger, sign its heads, give parts of it out.")
keys = AppGroup("keys", help="The keys that sign the heads of the log.")
ledger.add_command(keys)

ManifestStreams = Callable[[Session, str], list[str]]
_manifest_streams: list[ManifestStreams] = []


def manifests_are(streams: ManifestStreams) -> None:
    """Say how the streams of a manifest with all its containers are found. Wired once, in `wastetrack.app`."""
    _manifest_streams[:] = [streams]


_plan: list[service.Plan] = []


def rebuilds(plan: service.Plan) -> None:
    """Say what every table is to the ledger. Wired once, in `wastetrack.app`."""
    _plan[:] = [plan]


@contextmanager
def _plainly() -> Iterator[None]:
    """Say in one English line why something is refused."""
    with speaking(ENGLISH):
        try:
            yield
        except Refusal as refusal:
            raise click.ClickException(" ".join(_(p.sentence, **p.facts) for p in refusal.problems)) from None
        except (KeyFileError, service.ContradictionError) as error:
            raise click.ClickException(str(error)) from None


def _heads(path: Path | None) -> tuple[SignedHead, ...]:
    """Read published heads: one as JSON, or one in each line."""
    if path is None:
        return ()
    text = path.read_text()
    try:
        try:
            said = json.loads(text)
        except ValueError:
            said = [json.loads(line) for line in text.splitlines() if line.strip()]
        return tuple(service.from_json(one) for one in (said if isinstance(said, list) else [said]))
    except (ValueError, KeyError, TypeError) as error:
        raise click.BadParameter(f"{path} holds no head as they are published ({error})") from None


_file = click.Path(path_type=Path, dir_okay=False)
_given = click.Path(path_type=Path, exists=True, dir_okay=False)


@ledger.command("verify")
@click.option("--full", is_flag=True, help="Read everything, not only what came since the last verification.")
@click.option("--head", "head", type=_given, help="A head kept elsewhere that the log has to contain.")
def verify(full: bool, head: Path | None) -> None:
    """Check the ledger; name what is wrong and exit with 1."""
    with speaking(ENGLISH), snapshot(engine()) as session:
        verification = Verification(session, sealer().kept, _heads(head), full=full)
        for power in queries.powers(session):
            click.echo(f"Warning: this database role could lift the guards: {_(power.label)}.", err=True)
        number = 0
        for finding in verification.findings():
            number += 1
            click.echo(f"{finding.stream} #{finding.seq}: {_(finding.flaw.label)}")
        if number:
            click.echo(f"The ledger is NOT intact: {number} finding(s).", err=True)
            sys.exit(1)
        since = verification.since
        read = f"; up to event {since.size} of the log from the checkpoint of {since.at}" if since else ""
        if not since:
            click.echo(f"{queries.number_declared(session)} entries are declared wrong; they stay in their streams.")
        click.echo(f"The ledger is intact: {queries.size(session)} events in the log{read}.")


@ledger.command("rebuild")
@click.option("--check", is_flag=True, help="Replay all streams and compare; nothing is written.")
@click.option("--json", "as_lines", is_flag=True, help="One JSON object in each line, the counts last.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", help="Of the report.")
def rebuild(check: bool, as_lines: bool, language: str) -> None:
    """Compare every table that follows from the ledger with what its streams give; exit with 1 where one differs."""
    if not check:
        raise click.UsageError("this command only compares and never writes: say --check")
    with speaking(ENGLISH if language == "en" else CHINESE), snapshot(engine()) as session:
        one = service.Rebuild(session, _plan[0], clock.now())
        number = 0
        for difference in one.findings():
            number += 1
            click.echo(json.dumps(differing(difference), ensure_ascii=False) if as_lines else said_of(difference))
        click.echo(json.dumps(counted(one, number), ensure_ascii=False) if as_lines else summed_up(one, number))
    if number:
        sys.exit(1)


@ledger.command("head")
def head() -> None:
    """Take in what waits, sign what is new, print the newest head as JSON."""
    with _plainly():
        sealer().round(wait=True)
        newest = queries.latest_head(look())
        click.echo(json.dumps(service.as_json(newest) if newest else None, indent=2))


@ledger.command("export")
@click.argument("file", type=_file)
@click.option("--stream", "streams", multiple=True, help="A stream such as container:<id>; may be repeated.")
@click.option("--manifest", help="The number of a manifest: its stream and those of all its containers.")
@click.option("--since", type=click.DateTime(), help="What was recorded from this moment (UTC) on.")
@click.option("--until", type=click.DateTime(), help="What was recorded before this moment (UTC).")
@click.option("--head", "known", type=_given, help="An earlier head to which the export has to be connected.")
def export(
    file: Path, streams: tuple[str, ...], manifest: str | None, since: datetime | None, until: datetime | None,
    known: Path | None,
) -> None:  # fmt: skip
    """Write streams, a manifest, a period, or with none of them everything, as JSON lines with proofs and head."""
    with _plainly():
        if (streams or manifest) and (since or until):
            raise click.UsageError("choose streams or a period")
        sealer().round(wait=True)
        with snapshot(engine()) as session:
            if manifest:
                found = _manifest_streams[0](session, manifest)
                if not found:
                    raise click.ClickException(f"there is no manifest {manifest}")
                streams = (*streams, *found)
            missing = [name for name in streams if not queries.counts_of(session, name)]
            if missing:
                raise click.ClickException(f"there is no stream {', '.join(missing)}")
            part = proving.Part(tuple(dict.fromkeys(streams)), _utc(since), _utc(until))
            with file.open("w", encoding="utf-8") as lines:
                number = sum(1 for one in proving.export(session, part, _heads(known)) if _write(lines.write, one))
    click.echo(f"{file}: {number} events")


def _write(write: Callable[[str], int], one: proving.Json) -> bool:
    write(proving.line(one) + "\n")
    return "event" in one


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at else None


@ledger.command("restored")
@click.argument("reason")
def restored(reason: str) -> None:
    """After a backup was put back: begin a new log, with what is lost on the record."""
    with _plainly():
        click.echo(f"The log is now {sealer().restored(reason)}. Tell whoever keeps its heads.")


@keys.command("list")
def list_keys() -> None:
    """Print all keys that ever signed, and which of them this installation holds."""
    with _plainly():
        own = sealer().keys.signers()
        for key in queries.keys(look()).values():
            until = (
                f"retired {key.until:%Y-%m-%d}"
                if key.until
                else "signs"
                if key.key_id in own
                else "PRIVATE KEY MISSING"
            )
            click.echo(f"{key.key_id}  {key.algorithm}  since {key.since:%Y-%m-%d}  {until}")


@keys.command("show")
@click.argument("key_id", required=False)
def show_key(key_id: str | None) -> None:
    """Print public keys as PEM, for `scripts/verify_ledger --key`."""
    for key in queries.keys(look()).values():
        if key_id in {None, key.key_id}:
            click.echo(key.public.strip())


@keys.command("rotate")
def rotate() -> None:
    """Bring in a new key. Both sign from now on, until the old one is retired."""
    with _plainly():
        made = sealer().introduce()
        others = [
            one.key_id for one in queries.keys(look()).values() if one.until is None and one.key_id != made.key_id
        ]
        click.echo(f"{made.key_id} signs from now on, beside {', '.join(others)}.")
        click.echo("When everybody has the new public key: ledger keys retire " + " ".join(others))


@keys.command("retire")
@click.argument("key_id")
def retire(key_id: str) -> None:
    """Let a key sign no more. What it signed stays valid."""
    with _plainly():
        sealer().retire(key_id)
        click.echo(f"{key_id} signs no more. Its private key may be destroyed.")
