"""Every route × every role × own, other organisation, other region: only what the table of rights says is opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask, request
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import Client

from config import Settings
from tests import stores
from tests.client import Browser
from tests.conftest import NOON
from tests.house import standing
from tests.house.standing import FITTING, NOT_BY, NOTHING_THERE, People, Thing
from tests.journeys.site import Site
from tests.journeys.trade import a_day_of_trade
from tests.living import living_template, sit_down
from tests.world import World
from wastetrack.app import create_app
from wastetrack.domain.access import Act, Role
from wastetrack.domain.accounts import FITS
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties import pages as parties_pages
from wastetrack.infra import clock
from wastetrack.infra.commands import Command
from wastetrack.infra.db import reader
from wastetrack.web import forms
from wastetrack.web.routing import PUBLIC, SIGNED_IN, needs_of

__all__ = ["living_template"]


REFUSED = {403, 404}


@dataclass
class House:
    """The site, everybody in it and everything there is."""

    app: Flask
    people: People
    things: list[Thing]
    clients: dict[str, Client]
    events: int
    texts: dict[str, list[str]]

    def routes(self, method: str) -> Iterator[tuple[Rule, tuple[Act, ...]]]:
        """Yield every guarded route of a method with the acts it serves."""
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda one: one.rule):
            needs = needs_of(self.app, rule.endpoint)
            if method in (rule.methods or set()) and needs not in {PUBLIC, SIGNED_IN}:
                yield rule, needs if isinstance(needs, tuple) else (needs,)

    def cases(self, rule: Rule, acts: tuple[Act, ...]) -> Iterator[tuple[Thing | None, tuple[Act, ...]]]:
        """Yield the things that an address of this form can name, each with the acts that then count."""
        if not rule.arguments:
            yield None, acts
            return
        for thing in self.things:
            if thing.arguments.keys() == rule.arguments and (not thing.acts or set(thing.acts) & set(acts)):
                yield thing, thing.acts or acts


@pytest.fixture(scope="module")
def house(
    living_template: tuple[str, World],
    server: str | None,
    tmp_path_factory: pytest.TempPathFactory,
    compiled: FileSystemBytecodeCache,
) -> Iterator[House]:
    """One site for all cases: nothing that is tried in it may change it."""
    url, world = living_template
    folder = tmp_path_factory.mktemp("access")
    with stores.copy_of(url, server, folder) as own, pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: NOON)
        settings = Settings(own, "a-secret-that-only-the-tests-know-0123456789", "http://127.0.0.1:8000", folder,
                            testing=True)  # fmt: skip
        app = create_app(settings)
        app.config["WTF_CSRF_ENABLED"] = False
        app.jinja_env.bytecode_cache = compiled
        yield _inhabited(app, World(**{name: dict(value) for name, value in vars(world).items()}))
        app.extensions["wastetrack.engine"].dispose()


def _inhabited(app: Flask, world: World) -> House:
    site = Site("", app, world, lambda: NOON)  # type: ignore[arg-type]
    a_day_of_trade(site)
    people = standing.everybody(site)
    things = [*standing.containers(site), *standing.manifests(site)]
    with reader(site.engine) as session:
        things += [*standing.hand_ins(session), *standing.belongings(site, session)]
        things += standing.parts(site, session, parties_pages.ADDITIONS, parties_pages.CHANGES)
    clients = {name: sit_down(Browser(app), actor)._client for name, actor in people.actors.items()}
    texts = standing.everything(site)
    return House(app, people, things, clients, _events(app), texts)


def _events(app: Flask) -> int:
    with reader(app.extensions["wastetrack.engine"]) as session:
        return session.scalar(select(func.count()).select_from(LedgerEvent)) or 0


def _address(rule: Rule, thing: Thing | None) -> str:
    built = rule.build(thing.arguments if thing else {}, append_unknown=False)
    assert built is not None, rule
    return str(built[1])


def test_every_route_is_in_the_matrix(house: House) -> None:
    """A route whose address names a new kind of thing has to be given one in `tests/house/standing.py`."""
    unlisted = [
        rule.rule
        for method in ("GET", "POST")
        for rule, acts in house.routes(method)
        if not any(True for _case in house.cases(rule, acts))
    ]
    assert unlisted == []


def test_there_is_somebody_of_every_role_and_of_those_of_organisations_one_near_by_and_one_far_away(
    house: House,
) -> None:
    held = {role for actor in house.people.actors.values() for role in actor.roles}
    assert held == set(Role)
    for prefix in ("near_", "far_"):
        strangers = {role for name, one in house.people.actors.items() if name.startswith(prefix) for role in one.roles}
        assert strangers == set(FITS), prefix


def test_whoever_may_see_a_page_sees_it_and_nobody_else_does(house: House) -> None:
    wrong = []
    for rule, needs in house.routes("GET"):
        for thing, acts in house.cases(rule, needs):
            may_be_empty = (rule.endpoint, thing.name if thing else "") in NOTHING_THERE
            for name in house.people.asked(acts, thing):
                status = house.clients[name].get(_address(rule, thing)).status_code
                may = house.people.may(name, acts, thing, but=NOT_BY.get(rule.endpoint, ()))
                if status >= 500 or ((status in REFUSED) is may and not (may and may_be_empty)):
                    wrong.append(_said(name, rule, thing, status, may))
    assert not wrong, "\n" + "\n".join(wrong)


def test_whoever_may_not_act_is_refused_and_nothing_changes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill_in_every_form(house, monkeypatch)
    wrong = []
    for rule, needs in house.routes("POST"):
        for thing, acts in house.cases(rule, needs):
            for name in house.people.asked(acts, thing):
                if house.people.may(name, acts, thing, but=NOT_BY.get(rule.endpoint, ())):
                    continue
                status = house.clients[name].post(_address(rule, thing)).status_code
                if status not in REFUSED:
                    wrong.append(_said(name, rule, thing, status, may=False))
    assert _events(house.app) == house.events
    assert not wrong, "\n" + "\n".join(wrong)


def _fill_in_every_form(house: House, patch: pytest.MonkeyPatch) -> None:
    """Have every form read as if each field had been filled in: what refuses is then the act, not the form."""
    read = forms.parse

    def filled(command: type[Command], form: MultiDict[str, str], given: Any = None) -> Command:
        fields = command.model_fields.keys() - set(given or {})
        typed = {name: house.texts[name] for name in fields if name in house.texts}
        part = FITTING.get((request.endpoint or "", (request.view_args or {}).get("part", "")), {})
        return read(command, MultiDict(typed | {name: [text] for name, text in part.items()}), given)

    patch.setattr(forms, "parse", filled)


def _said(name: str, rule: Rule, thing: Thing | None, status: int, may: bool) -> str:
    return f"{name} {'may' if may else 'may not'}, but gets {status}: {rule.rule} ({thing.name if thing else '—'})"
