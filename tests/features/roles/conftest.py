"""The shared world, reached as the owner of the store and as the role of the site."""

import os
import secrets
import subprocess
import sys
import uuid

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from tests import stores
from tests.chain import _at_noon, signed_in
from tests.conftest import HOUSE
from tests.living import chain, living_template, world

__all__ = ["_at_noon", "chain", "living_template", "signed_in", "world"]

SECRET = "a-secret-that-only-the-tests-know-0123456789"


@pytest.fixture
def owners_url(living_template, server, tmp_path):
    """Address of this test's store as its owner."""
    with stores.copy_of(living_template[0], server, tmp_path) as url:
        yield url


@pytest.fixture
def store_url(owners_url, server):
    """The same as the role of the site, made by the command that operators use. On SQLite there is but one."""
    if server is None:
        yield owners_url
        return
    name, password = f"site_{uuid.uuid4().hex[:12]}", secrets.token_urlsafe()
    environment = os.environ | {"DATABASE_URL": owners_url, "SITE_ROLE_PASSWORD": password, "SECRET_KEY": SECRET}
    command = [sys.executable, "-m", "flask", "--app", "wastetrack.app", "database", "grant", name]
    done = subprocess.run(command, cwd=HOUSE, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    yield make_url(owners_url).set(username=name, password=password).render_as_string(hide_password=False)
    with psycopg.connect(plain(owners_url), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(name)))
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def plain(url):
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def on_postgresql(store):
    if store.dialect.name != "postgresql":
        pytest.skip("only PostgreSQL has roles")
