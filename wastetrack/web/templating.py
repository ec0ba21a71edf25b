"""What every template can use: who reads, what he may do, masses and moments as people read them."""

from datetime import datetime

from flask import Flask

from wastetrack.domain.access import Act
from wastetrack.domain.measures import kilograms, tonnes
from wastetrack.domain.times import show_deadline
from wastetrack.infra import clock
from wastetrack.infra.ids import new_token
from wastetrack.web import context, field_names


def init(app: Flask) -> None:
    """Register filters and common values."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["kg"] = kilograms
    app.jinja_env.filters["tonnes"] = tonnes
    app.jinja_env.filters["iso"] = datetime.isoformat
    app.jinja_env.filters["deadline"] = show_deadline
    app.jinja_env.globals.update(can=context.can, finishing=context.finishing, Act=Act, new_act_key=new_token)

    field_names.init(app)

    @app.context_processor
    def reader() -> dict[str, object]:
        return {"current_actor": context.visitor(), "now": clock.now()}
