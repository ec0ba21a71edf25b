"""How orders and their addressees follow from the streams `order:<id>`."""

from collections.abc import Iterator

from wastetrack.domain.orders import OrderState
from wastetrack.features.ledger.service.replaying import Change, Projection, Put, Replay, Rows, Told, Value
from wastetrack.features.orders.models import Addressee, Order

ORDERS, ADDRESSEES = Order.__tablename__, Addressee.__tablename__


def given(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin an order, and that it went to each of those it names."""
    values = {
        "region_code": told.facts["region"],
        **told.all_said(("all_of", "text", "basis", "answer_by")),
        "given_at": told.recorded_at,
        "given_by": told.actor_id,
        "act_key": told.act_key,
        "state": OrderState.IN_FORCE.value,
        "closed_at": None,
        "closed_by": None,
        "closed_reason": "",
        "version": 1,
    }
    yield Put(ORDERS, (told.thing,), values)
    nothing: dict[str, Value] = dict.fromkeys(
        ("acknowledged_at", "acknowledged_by", "carried_out_at", "carried_out_by")
    )
    for organisation in told.facts["organisations"]:
        yield Put(ADDRESSEES, (told.thing, organisation), {**nothing, "report": ""})


def acknowledged(_rows: Rows, told: Told) -> Iterator[Change]:
    """Note that an addressee has seen the order."""
    values = {"acknowledged_at": told.recorded_at, "acknowledged_by": told.actor_id}
    yield Put(ADDRESSEES, (told.thing, told.acting_for), values)


def carried_out(rows: Rows, told: Told) -> Iterator[Change]:
    """Note what an addressee has done; whoever reports has taken note, too."""
    row = rows.get(ADDRESSEES, told.thing, told.acting_for)
    if row is not None and row["acknowledged_at"] is None:
        yield from acknowledged(rows, told)
    done = {"carried_out_at": told.recorded_at, "carried_out_by": told.actor_id, "report": told.facts["words"]}
    yield Put(ADDRESSEES, (told.thing, told.acting_for), done)


def closed(rows: Rows, told: Told) -> Iterator[Change]:
    """End or withdraw an order."""
    row = rows.get(ORDERS, told.thing)
    state = OrderState.ENDED if told.kind == "order.ended" else OrderState.WITHDRAWN
    values = {
        "state": state.value,
        "closed_at": told.recorded_at,
        "closed_by": told.actor_id,
        "closed_reason": told.facts["reason"],
        "version": row["version"] + 1 if row else None,
    }
    yield Put(ORDERS, (told.thing,), values)


REPLAY = Replay(
    "orders",
    families=("order",),
    tables=(Projection(Order), Projection(Addressee)),
    steps={
        "order.given": given,
        "order.acknowledged": acknowledged,
        "order.carried_out": carried_out,
        "order.ended": closed,
        "order.withdrawn": closed,
    },
)
