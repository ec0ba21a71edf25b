"""Two administrators with accounts, and the import as they do it: send, read the check, save."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.conftest import WorkAs
from tests.world import offered
from wastetrack.domain.access import SYSTEM, Actor, Role
from wastetrack.domain.imports import ImportKind, Verdict
from wastetrack.features.accounts import queries as account_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.imports import queries, service
from wastetrack.features.imports.models import Import
from wastetrack.infra.db import reader
from wastetrack.infra.files import Files
from wastetrack.infra.ids import new_token
from wastetrack.infra.outbox import Outbox

PASSWORD = "Demo-Pass-2026"


def _administrator(work_as: WorkAs, role: Role) -> Actor:
    name = role.value.replace("_", ".")
    with work_as(SYSTEM) as work:
        offered(work)
        command = accounts.CreateAccount(username=name, name=f"演示{role.value}", roles=frozenset({role}))
        user, _none = accounts.create_administrator(work, command, password=PASSWORD, must_change=False)
        return account_queries.actor_of(work.session, user.id)


@pytest.fixture
def keeper(work_as: WorkAs) -> Actor:
    """The system administrator, who keeps the parties."""
    return _administrator(work_as, Role.SYSTEM_ADMIN)


@pytest.fixture
def warden(work_as: WorkAs) -> Actor:
    """The security administrator, who keeps the accounts."""
    return _administrator(work_as, Role.SECURITY_ADMIN)


@dataclass
class Desk:
    """Imports as people do them, without their pages."""

    work_as: WorkAs
    files: Files
    outbox: Outbox
    store: Engine

    def send(self, actor: Actor, kind: ImportKind, content: bytes, name: str = "演示.csv") -> Import:
        """Send a file and have it checked."""
        command = service.SendFile(kind=kind, file_name=name, file=content, act_key=new_token())
        with self.work_as(actor) as work:
            one = service.send_file(work, self.files, command, len(service.opened(kind, content).rows))
        self.outbox.run_due()
        return self.now(one)

    def save(self, actor: Actor, one: Import, *, only_right: bool = False) -> Import:
        """Save what was checked."""
        with self.work_as(actor) as work:
            service.save_rows(work, service.SaveRows(import_id=one.id, only_right=only_right))
        self.outbox.run_due()
        return self.now(one)

    def bring(self, actor: Actor, kind: ImportKind, content: bytes, *, only_right: bool = False) -> Import:
        """Send a file and save it."""
        return self.save(actor, self.send(actor, kind, content), only_right=only_right)

    def now(self, one: Import) -> Import:
        """Return the import as it stands."""
        with reader(self.store) as session:
            return session.get_one(Import, one.id)

    def said(self, one: Import) -> dict[int, list[tuple[str | None, str]]]:
        """Return the codes of what is said of the rows, with their columns."""
        with reader(self.store) as session:
            rows = queries.rows(session, one.id, list(Verdict), most=None)
        return {row.number: [(said.field, said.code) for said in service.unpacked(row.remarks)] for row in rows}


@pytest.fixture
def desk(work_as: WorkAs, app: Flask, store: Engine) -> Desk:
    """Imports without pages."""
    outbox: Outbox = app.extensions["wastetrack.outbox"]
    return Desk(work_as, app.extensions["wastetrack.files"], outbox, store)


Counts = Callable[[Import], tuple[int, int, int, int, int]]


@pytest.fixture
def counts() -> Counts:
    """Return how many rows were new, changed, equal, different, wrong."""
    return lambda one: (one.new, one.changed, one.same, one.differs, one.wrong)
