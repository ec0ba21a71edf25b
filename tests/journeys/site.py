"""The site as people meet it: the whole application behind a real address, with a clock the tests can set."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine
from werkzeug.serving import WSGIRequestHandler, make_server

from config import Settings
from tests.conftest import NOON
from tests.living import Chain
from tests.world import World
from wastetrack.app import create_app
from wastetrack.domain.access import SYSTEM, Actor
from wastetrack.infra import clock
from wastetrack.infra.db import writing
from wastetrack.infra.work import Work


class Clock:
    """Goes on from NOON as real time does, until it is set; `stop_at` makes it stand still."""

    def __init__(self, at: datetime = NOON) -> None:
        """Start going."""
        self._at, self._since, self._still = at, time.monotonic(), False

    def __call__(self) -> datetime:
        """Return the present moment of the site."""
        return self._at if self._still else self._at + timedelta(seconds=time.monotonic() - self._since)

    def stop_at(self, at: datetime) -> None:
        """Let it be exactly this moment from now on."""
        self._at, self._still = at, True

    def go_on_from(self, at: datetime) -> None:
        """Let it be this moment now, and go on."""
        self._at, self._since, self._still = at, time.monotonic(), False


@dataclass
class Site:
    """A running site and what the tests know of it."""

    address: str
    app: Flask
    world: World
    clock: Clock
    held_in_hand: list[str] = field(default_factory=list)
    """Addresses that people know from labels and prints."""

    @property
    def engine(self) -> Engine:
        """The store behind the site."""
        engine: Engine = self.app.extensions["wastetrack.engine"]
        return engine

    @contextmanager
    def work_as(self, actor: Actor = SYSTEM, now: datetime | None = None) -> Iterator[Work]:
        """Open one transaction past the pages, as the site's own jobs do."""
        with writing(self.engine) as session:
            yield Work(session, actor, now or self.clock(), device="test")

    @property
    def chain(self) -> Chain:
        """The people of the world at work without a browser: for what a journey finds already done."""
        return Chain(self.world, self.work_as)


class Quiet(WSGIRequestHandler):
    """Says nothing of each request: the test's output is the test's."""

    def log(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(store_url: str, world: World, folder: Path) -> Iterator[Site]:
    """Serve the whole application on a free port until the block ends."""
    settings = Settings(
        database_url=store_url,
        secret_key="a-secret-that-only-the-tests-know-0123456789",
        public_url="http://127.0.0.1:8000",
        instance=folder,
        testing=True,
        sign_ins_per_minute=1000,
    )
    app = create_app(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    address = f"http://127.0.0.1:{server.port}"
    app.config["PUBLIC_URL"] = address
    thread = threading.Thread(target=server.serve_forever)
    with pytest.MonkeyPatch.context() as patch:
        moment = Clock()
        patch.setattr(clock, "now", moment)
        thread.start()
        try:
            yield Site(address, app, world, moment)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            app.extensions["wastetrack.engine"].dispose()
