"""The start page by role: the acts one does most, counts that open what they count, and what waits."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from wastetrack.domain.access import Act, Actor, Role, finishing, may_ever
from wastetrack.domain.containers import State
from wastetrack.domain.handovers import age_in_days
from wastetrack.domain.manifests import State as Progress
from wastetrack.domain.measures import kilograms
from wastetrack.domain.oversight import Moment
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.times import local_day, start_of_day
from wastetrack.domain.words import N_
from wastetrack.features.accounts.queries import handovers
from wastetrack.features.collection import queries as collection
from wastetrack.features.containers import queries as containers
from wastetrack.features.fleet import queries as fleet
from wastetrack.features.home import queries
from wastetrack.features.home.queries import Astray, Load, Sum
from wastetrack.features.inspections import queries as inspections
from wastetrack.features.inspections.queries import Due, View
from wastetrack.features.orders import queries as orders
from wastetrack.features.orders.queries import Waiting
from wastetrack.features.oversight import queries as oversight
from wastetrack.features.oversight.queries import Wanted
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.queries import admission
from wastetrack.infra.i18n import _


@dataclass(frozen=True)
class Doing:
    """One of the acts a person does most, as a big tile."""

    label: str
    icon: str
    href: str


@dataclass(frozen=True)
class Figure:
    """A count that opens what it counts; `note` is its mass or what else belongs to it."""

    value: int
    label: str
    href: str
    tone: str | None = None
    note: str | None = None


@dataclass
class Board:
    """Everything on somebody's start page except alarms."""

    acts: list[Doing] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    trips: list[Load] = field(default_factory=list)
    arrivals: list[Load] = field(default_factory=list)
    astray: list[Astray] = field(default_factory=list)
    hand_ins: list[collection.Line] = field(default_factory=list)
    stores: list[containers.Standing] = field(default_factory=list)
    more_stores: bool = False
    overdue_stores: list[containers.Standing] = field(default_factory=list)
    to_clean: list[fleet.ToClean] = field(default_factory=list)
    drives: bool = False
    orders: list[Waiting] = field(default_factory=list)
    remedies: list[Due] = field(default_factory=list)


_R = Role
ACTS: dict[Role, tuple[tuple[str, str, str], ...]] = {
    _R.COLLECTOR: (
        (N_("Register waste"), "scale", "containers.register_page"),
        (N_("Scan or enter a label"), "scan", "containers.find_code_page"),
        (N_("Stores"), "store", "containers.stores_page"),
    ),
    _R.MANAGER: (
        (N_("New manifest"), "manifest", "manifests.new_page"),
        (N_("Stores"), "store", "containers.stores_page"),
        (N_("Register waste"), "scale", "containers.register_page"),
    ),
    _R.CLINIC: (
        (N_("Register waste"), "scale", "containers.register_page"),
        (N_("Hand in at the station"), "hand_in", "collection.hand_ins_page"),
        (N_("Where my waste is"), "route", "collection.whereabouts_page"),
    ),
    _R.DRIVER: (
        (N_("My trips"), "truck", "manifests.trips_page"),
        (N_("Scan or enter a label"), "scan", "containers.find_code_page"),
        (N_("Manifests"), "manifest", "manifests.manifests_page"),
    ),
    _R.ATTENDANT: (
        (N_("Receive hand-ins"), "hand_in", "collection.hand_ins_page"),
        (N_("Station store"), "store", "containers.stores_page"),
        (N_("New manifest"), "manifest", "manifests.new_page"),
    ),
    _R.OPERATOR: (
        (N_("Receive loads"), "receive", "manifests.receipts_page"),
        (N_("Treat waste"), "treatment", "treatment.queue_page"),
        (N_("Stores"), "store", "containers.stores_page"),
    ),
    _R.INSPECTOR: (
        (N_("Begin an inspection"), "inspect", "inspections.begin_page"),
        (N_("Inspections"), "catalogue", "inspections.inspections_page"),
    ),
    _R.COMMANDER: (
        (N_("Give an order"), "order", "orders.new_page"),
        (N_("Orders"), "catalogue", "orders.orders_page"),
    ),
    _R.APPROVER: ((N_("Review requests"), "check", "accounts.requests_page"),),
    _R.REGULATOR: (
        (N_("Find anything"), "find", "oversight.find_page"),
        (N_("Manifests"), "manifest", "manifests.manifests_page"),
        (N_("Organisations"), "organisation", "parties.organisations_page"),
    ),
    _R.SYSTEM_ADMIN: (
        (N_("New organisation"), "plus", "parties.new_organisation_page"),
        (N_("Organisations"), "organisation", "parties.organisations_page"),
        (N_("Waste list"), "catalogue", "catalogue.catalogue_page"),
    ),
    _R.SECURITY_ADMIN: (
        (N_("New account"), "plus", "accounts.new_account_page"),
        (N_("Accounts"), "people", "accounts.accounts_page"),
        (N_("Organisations"), "organisation", "parties.organisations_page"),
    ),
    _R.AUDIT_ADMIN: (
        (N_("Custody ledger"), "ledger", "ledger.ledger_page"),
        (N_("Waste list"), "catalogue", "catalogue.catalogue_page"),
    ),
}
"""The acts a role does most: label, icon, page."""

IN_THE_FIELD = frozenset({_R.COLLECTOR, _R.CLINIC, _R.DRIVER, _R.ATTENDANT, _R.INSPECTOR})
"""Who works standing, with a phone: the acts come first, before alarms and figures."""


@dataclass(frozen=True)
class _Asked:
    """Whose page it is, and when."""

    session: Session
    who: Actor
    now: datetime
    carries_only: bool
    """Whether his organisation carries waste and neither has nor passes on any of its own."""


def board(session: Session, who: Actor, now: datetime) -> Board:
    """Put together the start page of a person from all his roles."""
    carries_only = Role.MANAGER in who.roles and _carries_only(session, who)
    made, asked = Board(acts=_acts(who, carries_only)), _Asked(session, who, now, carries_only)
    for role, fill in _FILL.items():
        if role in who.roles:
            fill(made, asked)
    made.orders = orders.waiting_for(session, who, now)
    if may_ever(who, Act.VIEW_INSPECTION):
        _inspections(made, asked)
    if may_ever(who, Act.CLEAN_VEHICLE):
        made.to_clean = fleet.to_clean(session, who)
    if who.organisation_id and may_ever(who, Act.VIEW_STORE):
        made.stores, more = containers.stores(session, who, containers.StoreFilters(), now, queries.FEW)
        made.more_stores = more is not None
    return made


_BEGINS = {"manifests.new_page": False, "containers.register_page": True}
"""Which of these pages begin something new, and whether it is waste alone: of use only while the organisation may."""


def _carries_only(session: Session, who: Actor) -> bool:
    """Tell whether the organisation has only vehicles to keep: no waste arises in it or comes through its stores."""
    kinds = parties.kinds_of(session, who.organisation_id) if who.organisation_id else set()
    return kinds == {OrganisationKind.CARRIER}


def _carriers_acts(who: Actor) -> list[Doing]:
    own = url_for("parties.organisation_page", organisation_id=who.organisation_id)
    return [
        Doing(_("Manifests"), "manifest", url_for("manifests.manifests_page")),
        Doing(_("Vehicles"), "truck", f"{own}#vehicles"),
        Doing(_("People"), "people", url_for("accounts.accounts_page")),
    ]


def _acts(who: Actor, carries_only: bool) -> list[Doing]:
    if carries_only and who.roles == {Role.MANAGER}:
        return _carriers_acts(who)
    chosen = dict.fromkeys(entry for role, entries in ACTS.items() if role in who.roles for entry in entries)
    return [
        Doing(_(label), icon, url_for(endpoint))
        for label, icon, endpoint in chosen
        if endpoint not in _BEGINS or not finishing(who, waste_only=_BEGINS[endpoint])
    ]


def _mass(sum_: Sum | oversight.Sum) -> str | None:
    return f"{kilograms(sum_.mass_g)} kg" if sum_.count else None


def _collector(made: Board, asked: _Asked) -> None:
    mine = queries.my_unplaced(asked.session, asked.who)
    today = queries.my_day(asked.session, asked.who, start_of_day(local_day(asked.now)))
    register = url_for("containers.register_page")
    tone = "warn" if mine.count else None
    made.figures.append(Figure(mine.count, _("sealed by me, not yet in a store"), register, tone, _mass(mine)))
    made.figures.append(Figure(today.count, _("registered by me today"), register, None, _mass(today)))


def _manager(made: Board, asked: _Asked) -> None:
    if asked.carries_only:
        carried = queries.carried(asked.session, asked.who.organisation_id)
        made.figures += [_of_manifests(state, label, carried) for state, label in _UNDER_WAY]
        return
    held = queries.held(asked.session, asked.who.organisation_id)
    for state, label, where in (
        (State.SEALED, N_("sealed in the house, not yet in a store"), "containers.register_page"),
        (State.OPENED, N_("open in a store, to be sealed again"), "containers.stores_page"),
    ):
        if state in held:
            made.figures.append(Figure(held[state].count, _(label), url_for(where), "warn", _mass(held[state])))
    _consignor(made, asked)


_UNDER_WAY = (
    (Progress.SIGNED, N_("signed, waiting for the vehicle")),
    (Progress.IN_TRANSIT, N_("manifests on the way")),
    (Progress.ARRIVED, N_("arrived, being received")),
)


def _of_manifests(state: Progress, label: str, counts: dict[Progress, int], tone: str | None = None) -> Figure:
    number = counts.get(state, 0)
    return Figure(number, _(label), url_for("manifests.manifests_page", state=state.value), tone if number else None)


def _consignor(made: Board, asked: _Asked) -> None:
    sent = queries.sent(asked.session, asked.who.organisation_id)
    made.figures.append(_of_manifests(Progress.DRAFT, N_("manifests to sign"), sent, "warn"))
    made.figures += [_of_manifests(state, label, sent) for state, label in _UNDER_WAY]
    made.astray = queries.astray(asked.session, asked.who.organisation_id)


def _clinic(made: Board, asked: _Asked) -> None:
    ready = collection.ready(asked.session, asked.who.organisation_id)
    mass = Sum(len(ready), sum(one.mass_g for one in ready))
    hand_in = url_for("collection.hand_ins_page")
    tone = "warn" if ready else None
    made.figures.append(Figure(mass.count, _("bags and boxes to hand in"), hand_in, tone, _mass(mass)))


def _driver(made: Board, asked: _Asked) -> None:
    made.drives = True
    made.trips = queries.my_trips(asked.session, asked.who.user_id)


def _attendant(made: Board, asked: _Asked) -> None:
    stores = [one.id for one in collection.station_stores(asked.session, asked.who.organisation_id)]
    made.hand_ins = collection.open_at(asked.session, stores)
    waiting = len(made.hand_ins)
    href = url_for("collection.hand_ins_page")
    made.figures.append(Figure(waiting, _("hand-ins waiting"), href, "warn" if waiting else None))
    _consignor(made, asked)


def _operator(made: Board, asked: _Asked) -> None:
    loads = queries.coming_in(asked.session, asked.who.organisation_id)
    held = queries.held(asked.session, asked.who.organisation_id).get(State.STORED, Sum(0, 0))
    made.arrivals = queries.to_receive(asked.session, asked.who.organisation_id)
    receipts = url_for("manifests.receipts_page")
    arrived, moving = loads.get(Progress.ARRIVED, 0), loads.get(Progress.IN_TRANSIT, 0)
    made.figures += [
        Figure(arrived, _("arrived, receipt to confirm"), receipts, "warn" if arrived else None),
        Figure(moving, _("on the way to us"), receipts),
        Figure(held.count, _("waiting for treatment"), url_for("treatment.queue_page"), None, _mass(held)),
    ]


def _regulator(made: Board, asked: _Asked) -> None:
    today = local_day(asked.now)
    for label, wanted in (
        (N_("registered today"), Wanted(since=today, until=today)),
        (N_("standing in stores"), Wanted(state=State.STORED)),
        (N_("on vehicles"), Wanted(state=State.LOADED)),
        (N_("treated today"), Wanted(moment=Moment.TREATED, since=today, until=today)),
    ):
        found = oversight.sum_containers(asked.session, asked.who, wanted)
        made.figures.append(Figure(found.count, _(label), _list_of(wanted), None, _mass(found)))
    moving = queries.seen_under_way(asked.session, asked.who)
    on_the_way = url_for("manifests.manifests_page", state=Progress.IN_TRANSIT.value)
    made.figures.append(Figure(moving, _("manifests on the way"), on_the_way))
    made.overdue_stores, _more = containers.stores(
        asked.session, asked.who, containers.StoreFilters(overdue=True), asked.now, queries.FEW
    )


def _approver(made: Board, asked: _Asked) -> None:
    waiting = admission.waiting(asked.session, asked.who, asked.now)
    href = url_for("accounts.requests_page")
    age = age_in_days(waiting.since, asked.now) if waiting.since else None
    oldest = _("the oldest for {n} {n:day|days}", n=age) if age else None
    made.figures.append(
        Figure(waiting.count, _("requests to be admitted"), href, "warn" if waiting.count else None, oldest)
    )
    if waiting.overdue:
        made.figures.append(Figure(waiting.overdue, _("requests overdue for review"), href, "alarm"))


def _security_admin(made: Board, asked: _Asked) -> None:
    gaps, vacant = handovers.count_gaps(asked.session), handovers.vacant(asked.session)
    href = url_for("accounts.unmanaged_page")
    since = handovers.longest_gap(asked.session)
    age = age_in_days(since, asked.now) if since else None
    oldest = _("the oldest for {n} {n:day|days}", n=age) if age else None
    made.figures.append(Figure(gaps, _("organisations without manager"), href, "alarm" if gaps else None, oldest))
    if vacant:
        made.figures.append(Figure(len(vacant), _("administrators' roles that nobody has"), href, "alarm"))


def _inspections(made: Board, asked: _Asked) -> None:
    """Show the organisation what it has to put right, its regulators what is overdue."""
    of_region = asked.who.organisation_id is None
    made.remedies = inspections.due(asked.session, asked.who, asked.now, only_overdue=of_region)


def _inspector(made: Board, asked: _Asked) -> None:
    numbers = inspections.counts(asked.session, asked.who, asked.now)
    for view, label, tone in (
        (View.ANSWERED, N_("inspections with an answer to confirm"), "warn"),
        (View.OVERDUE, N_("inspections with an overdue remedy"), "alarm"),
    ):
        href = url_for("inspections.inspections_page", view=view.value)
        made.figures.append(Figure(numbers[view], _(label), href, tone if numbers[view] else None))


def _commander(made: Board, asked: _Asked) -> None:
    late = orders.count_late(asked.session, asked.who, asked.now)
    href = url_for("orders.orders_page")
    made.figures.append(Figure(orders.count_in_force(asked.session, asked.who), _("orders in force"), href))
    made.figures.append(Figure(late, _("reports on orders that are late"), href, "alarm" if late else None))


def _list_of(wanted: Wanted) -> str:
    """Return the address of exactly the list that is counted."""
    return url_for(
        "oversight.containers_page",
        state=wanted.state.value if wanted.state else None,
        by=wanted.moment.value if wanted.moment is not Moment.REGISTERED else None,
        since=wanted.since.isoformat() if wanted.since else None,
        until=wanted.until.isoformat() if wanted.until else None,
    )


_FILL = {
    _R.COLLECTOR: _collector,
    _R.MANAGER: _manager,
    _R.CLINIC: _clinic,
    _R.DRIVER: _driver,
    _R.ATTENDANT: _attendant,
    _R.OPERATOR: _operator,
    _R.REGULATOR: _regulator,
    _R.APPROVER: _approver,
    _R.INSPECTOR: _inspector,
    _R.COMMANDER: _commander,
    _R.SECURITY_ADMIN: _security_admin,
}
