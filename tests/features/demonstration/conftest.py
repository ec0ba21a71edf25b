"""One short demonstration for all tests here: building it takes seconds, looking at it does not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from config import Settings
from tests import stores
from tests.conftest import NOON
from wastetrack.app import create_app
from wastetrack.domain.access import Actor
from wastetrack.features.demonstration import service
from wastetrack.features.demonstration.service.cast import Login
from wastetrack.infra.db import reader, writing
from wastetrack.infra.work import Work

Build = Callable[[str], "Built"]


@dataclass
class Built:
    app: Flask
    engine: Engine
    logins: list[Login]


def open_in(engine: Engine) -> service.Open:
    @contextmanager
    def open_work(actor: Actor, now):
        with writing(engine) as session:
            yield Work(session, actor, now, device="demonstration")

    return open_work


@pytest.fixture(scope="package")
def another(template: str, server: str | None, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., object]:
    """Builds the demonstration on a store of its own: `with another() as built: …`, or at another moment than noon."""

    @contextmanager
    def build(now: datetime = NOON) -> Iterator[Built]:
        folder = tmp_path_factory.mktemp("demonstration")
        with stores.copy_of(template, server, folder) as url:
            app = create_app(
                Settings(
                    url, "a-secret-that-only-the-tests-know-0123456789", "http://127.0.0.1:8000", folder, testing=True
                )
            )
            engine = app.extensions["wastetrack.engine"]
            logins = service.load(open_in(engine), now, days=service.LEAST_DAYS)
            yield Built(app, engine, logins)
            engine.dispose()

    return build


@pytest.fixture(scope="package")
def built(another) -> Iterator[Built]:
    """The demonstration that all tests look at and none changes."""
    with another() as built:
        yield built


@pytest.fixture
def seen(built: Built) -> Iterator[Session]:
    """A session for looking at it."""
    with reader(built.engine) as session:
        yield session
