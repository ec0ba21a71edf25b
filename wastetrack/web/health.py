"""Whether the server lives and whether it can work, for whoever watches the installation."""

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from wastetrack.infra import roles
from wastetrack.web.context import look
from wastetrack.web.routing import PUBLIC, Pages

pages = Pages("health", __name__)


@pages.shows("/healthz", needs=PUBLIC)
def lives() -> ResponseReturnValue:
    """Answer as long as the process does."""
    return jsonify(status="ok")


@pages.shows("/readyz", needs=PUBLIC)
def ready() -> ResponseReturnValue:
    """Answer 200 when the store can be read and 503 when not; say where the ledger is guarded less than it could be."""
    try:
        look().execute(text("SELECT 1 FROM alembic_version"))
        could = roles.powers(look().connection())
    except SQLAlchemyError:
        return jsonify(status="store unreachable"), 503
    return jsonify(status="ok", **({"warnings": ["database role could lift the ledger's guards"]} if could else {}))
