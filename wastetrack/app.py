"""The one place where everything is joined: settings, store, web kit, features, commands. Nothing imports it."""

from functools import partial
from pathlib import Path
from typing import Any

from click import Command
from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings, read_settings
from wastetrack.features.accounts import cli as accounts_cli
from wastetrack.features.accounts import jobs as accounts_jobs
from wastetrack.features.accounts import pages as accounts_pages
from wastetrack.features.accounts import queries as accounts_queries
from wastetrack.features.accounts import replay as accounts_replay
from wastetrack.features.accounts import service as accounts
from wastetrack.features.accounts.queries import handovers
from wastetrack.features.audit import cli as audit_cli
from wastetrack.features.audit import pages as audit_pages
from wastetrack.features.audit import replay as audit_replay
from wastetrack.features.audit import service as audit
from wastetrack.features.boxes import pages as boxes_pages
from wastetrack.features.boxes import queries as boxes_queries
from wastetrack.features.boxes import replay as boxes_replay
from wastetrack.features.boxes import service as boxes
from wastetrack.features.catalogue import cli as catalogue_cli
from wastetrack.features.catalogue import pages as catalogue_pages
from wastetrack.features.catalogue import replay as catalogue_replay
from wastetrack.features.collection import pages as collection_pages
from wastetrack.features.collection import queries as collection_queries
from wastetrack.features.collection import replay as collection_replay
from wastetrack.features.containers import pages as containers_pages
from wastetrack.features.containers import queries as containers_queries
from wastetrack.features.containers import replay as containers_replay
from wastetrack.features.containers.service import boxed
from wastetrack.features.containers.service import importing as containers_importing
from wastetrack.features.containers.service import labels as container_labels
from wastetrack.features.demonstration import cli as demonstration_cli
from wastetrack.features.fleet import pages as fleet_pages
from wastetrack.features.fleet import replay as fleet_replay
from wastetrack.features.home import pages as home_pages
from wastetrack.features.home import queries as home_queries
from wastetrack.features.imports import jobs as imports_jobs
from wastetrack.features.imports import pages as imports_pages
from wastetrack.features.imports import queries as imports_queries
from wastetrack.features.imports import service as imports
from wastetrack.features.inspections import pages as inspections_pages
from wastetrack.features.inspections import replay as inspections_replay
from wastetrack.features.labels import jobs as labels_jobs
from wastetrack.features.labels import pages as labels_pages
from wastetrack.features.labels import queries as labels_queries
from wastetrack.features.labels import replay as labels_replay
from wastetrack.features.labels import service as labels
from wastetrack.features.ledger import cli as ledger_cli
from wastetrack.features.ledger import jobs as ledger_jobs
from wastetrack.features.ledger import pages as ledger_pages
from wastetrack.features.ledger import replay as ledger_replay
from wastetrack.features.ledger import service as ledger
from wastetrack.features.ledger import shapes as ledger_shapes
from wastetrack.features.manifests import pages as manifests_pages
from wastetrack.features.manifests import queries as manifests_queries
from wastetrack.features.manifests import replay as manifests_replay
from wastetrack.features.manifests import service as manifests
from wastetrack.features.orders import pages as orders_pages
from wastetrack.features.orders import replay as orders_replay
from wastetrack.features.oversight import pages as oversight_pages
from wastetrack.features.parties import jobs as parties_jobs
from wastetrack.features.parties import pages as parties_pages
from wastetrack.features.parties import queries as parties_queries
from wastetrack.features.parties import replay as parties_replay
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.queries import admission
from wastetrack.features.parties.queries import supervision as supervision_queries
from wastetrack.features.signing import pages as signing_pages
from wastetrack.features.signing import replay as signing_replay
from wastetrack.features.signing import service as signing
from wastetrack.features.tanks import pages as tanks_pages
from wastetrack.features.tanks import queries as tanks_queries
from wastetrack.features.tanks import replay as tanks_replay
from wastetrack.features.treatment import pages as treatment_pages
from wastetrack.features.treatment import replay as treatment_replay
from wastetrack.features.watch import jobs as watch_jobs
from wastetrack.features.watch import pages as watch_pages
from wastetrack.features.watch import service as watch
from wastetrack.infra import logs, operation, scanned
from wastetrack.infra.db import make_engine
from wastetrack.infra.files import Files
from wastetrack.infra.jobs import Job, bell
from wastetrack.infra.outbox import Outbox
from wastetrack.infra.sealing import Sealer
from wastetrack.infra.signing import KeyRing
from wastetrack.web import context, errors, headers, health, language, login, navigation, reauth, record, templating
from wastetrack.web.routing import check_all_guarded

HOME = Path(__file__).resolve().parent.parent
LARGEST_REQUEST = 12 * 1024 * 1024
"""A phone's photo of a label and a file to import are the largest things anyone sends, but for scans of papers."""
AROUND_A_FILE = 2 * 1024 * 1024
"""As much may stand in a request beside the file that it brings."""

PAGES = (
    health.pages,
    home_pages.pages,
    accounts_pages.pages,
    parties_pages.pages,
    signing_pages.pages,
    imports_pages.pages,
    catalogue_pages.pages,
    containers_pages.pages,
    tanks_pages.pages,
    boxes_pages.pages,
    labels_pages.pages,
    collection_pages.pages,
    manifests_pages.pages,
    fleet_pages.pages,
    treatment_pages.pages,
    watch_pages.pages,
    inspections_pages.pages,
    orders_pages.pages,
    oversight_pages.pages,
    ledger_pages.pages,
    ledger_pages.heads,
    audit_pages.pages,
)
COMMANDS = (catalogue_cli.catalogue, accounts_cli.accounts, ledger_cli.ledger, audit_cli.access, demonstration_cli.demo)
TO_COME = frozenset({
    # signing: the versions of the agreement, of which the first is shipped
    "signing_agreements",
    # imports
    "imports", "import_rows", "import",
    # watch: alerts that wait are in no event
    "alerts", "alert",
})  # fmt: skip
"""Tables, and what their streams are called, of which nothing is said yet."""
REBUILT = ledger.Plan(
    replays=(
        ledger_replay.REPLAY,
        audit_replay.REPLAY,
        catalogue_replay.REPLAY,
        parties_replay.REPLAY,
        accounts_replay.REPLAY,
        signing_replay.REPLAY,
        containers_replay.REPLAY,
        labels_replay.REPLAY,
        manifests_replay.REPLAY,
        collection_replay.REPLAY,
        fleet_replay.REPLAY,
        treatment_replay.REPLAY,
        boxes_replay.REPLAY,
        tanks_replay.REPLAY,
        inspections_replay.REPLAY,
        orders_replay.REPLAY,
    ),
    to_come=TO_COME,
)
"""What every table is to the ledger: it follows from it, or it says here or in its feature why not."""
JOBS = (
    Job("watch.sweep", 1, watch_jobs.sweep),
    Job("accounts.forget_ended", 60, accounts_jobs.forget_ended),
    Job("parties.forget_requests", 60, parties_jobs.forget_requests),
)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; without settings they are read from the environment."""
    settings = settings or read_settings()
    logs.start(debug=settings.debug)
    app = Flask("wastetrack", root_path=str(HOME), template_folder="templates", static_folder="static")
    _configure(app, settings)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    engine = make_engine(settings.database_url)
    ledger.listen(watch.notice)
    ledger.listen(boxes.notice)
    boxed.boxes_are(boxed.Boxes(boxes_queries.is_box, boxes_queries.codes))
    ledger.listen(signing.notice)
    watch.ask_small_for_plans(settings.small_institutions_plan)
    accounts_queries.under_way_is(manifests_queries.under_way)
    ledger_cli.manifests_are(manifests_queries.streams_of)
    ledger_cli.rebuilds(REBUILT)
    manifests.number_by(settings.manifest_city_digits)
    accounts.run_at_most(settings.mandate_days)
    admission.remind_after(settings.admission_days)
    manifests_queries.insist_on(contract=settings.contract_missing_blocks, plan=settings.plan_missing_blocks)
    manifests_queries.warn_of_carrier_contract(warn=settings.carrier_contract_warns)
    parties.keep_at_most(settings.scans_per_paper)
    scanned.take_at_most(settings.scan_megabytes)
    parties_queries.counts_by(manifests_queries.taken_in, manifests_queries.shipped_in)
    parties_queries.people_are(accounts_queries.names)
    parties_queries.manager_gap_is(handovers.gap_of)
    handovers.taken_over_is(home_queries.to_take_over)
    parties_queries.occupied_is(tanks_queries.is_occupied)
    containers_queries.tanks_are(tanks_queries.in_bulk)
    supervision_queries.registered_is(containers_queries.yearly)
    imports.take(containers_importing.SHEET)
    container_labels.blanks_are(labels.BLANKS)
    containers_queries.also_related(manifests_queries.related)
    containers_queries.also_related(collection_queries.expected_at)
    files = Files(settings.instance / "files")
    handlers = {
        imports.OUTBOX: imports_jobs.handler(files),
        labels.OUTBOX: labels_jobs.handler(files, lambda: str(app.config["PUBLIC_URL"])),
        watch.OUTBOX: watch_jobs.handler(),
    }
    outbox = Outbox(engine, handlers, bell(engine, settings.instance))
    context.init(app, engine, files, outbox)
    kept = ledger_shapes.kept_in(settings.instance)
    log = ledger.LogSealer(engine, KeyRing(kept.folder / "keys", settings.ledger_key_file), kept)
    ledger_shapes.init(app, log)
    headers.init(app, secure=settings.secure)
    language.init(app)
    templating.init(app)
    errors.init(app)
    login.init(app, accounts_queries.signed_in, accounts_pages.lead)
    reauth.init(app, accounts_queries.standing, accounts_pages.show_again)
    reauth.bind(app, signing_pages.asked, signing_pages.agree)
    accounts.seal_with(Sealer(settings.secret_key, settings.secret_key_fallbacks))
    CSRFProtect(app)
    navigation.init(app)
    for pages in PAGES:
        app.register_blueprint(pages)
    record.init(app, audit.write, accounts_queries.known_as)
    _limit_rates(app, settings)
    beats = ledger_jobs.beats(log, settings.ledger_interval)
    operating = operation.commands(engine, settings, _jobs(files, settings.import_file_days), outbox, beats)
    for command in (*COMMANDS, *operating, *_file_commands(engine, files)):
        app.cli.add_command(command)
    check_all_guarded(app)
    return app


def _jobs(files: Files, import_file_days: int) -> tuple[Job, ...]:
    """Return the scheduled work, with that on the files that were made here and those that were sent."""
    return (
        *JOBS,
        Job("labels.forget_files", 60, partial(labels_jobs.forget_files, files)),
        Job("imports.forget_files", 60, imports_jobs.forget_files(files, import_file_days)),
    )


def _file_commands(engine: Engine, files: Files) -> list[Command]:
    """Return the commands for the files that people sent: every feature that names some says which."""
    return operation.file_commands(
        engine, files, (parties_queries.kept_files, imports_queries.kept_files, labels_queries.kept_files)
    )


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        TESTING=settings.testing,
        DEBUG=settings.debug,
        PUBLIC_URL=settings.public_url,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        MAX_CONTENT_LENGTH=max(LARGEST_REQUEST, settings.scan_megabytes * 1_000_000 + AROUND_A_FILE),
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        # The __Host- prefix binds the cookie to this host and path; browsers accept it only over TLS.
        SESSION_COOKIE_NAME="__Host-wastetrack" if settings.secure else "wastetrack",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=settings.secure,
    )


def _limit_rates(app: Flask, settings: Settings) -> None:
    """Slow down whoever guesses passwords; the lock of the account itself is kept in the store.

    A whole hospital may sign in from one address at eight o'clock, so the close limit is for one name at one address.
    """
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    each = limiter.limit(f"{settings.sign_ins_per_minute}/minute", key_func=_address_and_name)
    together = limiter.limit(f"{settings.sign_ins_per_minute * 20}/minute")
    views: dict[str, Any] = app.view_functions
    views["accounts.sign_in"] = together(each(views["accounts.sign_in"]))
    for door in ("sign_in_with_code", "invitation_page", "accept_invitation"):
        views[f"accounts.{door}"] = together(views[f"accounts.{door}"])
    for door in ("ask_page", "ask", "asked_page", "ask_again_page", "ask_again", "withdraw_request"):
        views[f"parties.{door}"] = together(views[f"parties.{door}"])
    for door in ("heads_page", "heads_json", "head", "head_json", "keys_json", "keys_pem", "consistency_json"):
        views[f"heads.{door}"] = together(views[f"heads.{door}"])
    # A request is read by a person: whoever sends them by the hundred wants something else.
    few = limiter.limit(f"{settings.sign_ins_per_minute * 6}/hour")
    for door in ("ask", "ask_again"):
        views[f"parties.{door}"] = few(views[f"parties.{door}"])


def _address_and_name() -> str:
    return f"{get_remote_address()} {request.form.get('username', '')[:200].strip().lower()}"
