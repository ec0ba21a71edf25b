"""The navigation as data: what there is, and for whose acts. A person sees only what he can use."""

from dataclasses import dataclass

from flask import Flask, request, url_for

from wastetrack.domain.access import Act
from wastetrack.domain.words import N_
from wastetrack.infra.i18n import _
from wastetrack.web.context import can, finishing


@dataclass(frozen=True)
class Entry:
    """One place one can go to, shown to whoever may do one of `acts`."""

    label: str
    endpoint: str
    icon: str
    acts: tuple[Act, ...]
    begins_waste: bool = False
    """Whether one goes there to register waste: nobody does for an organisation that is closed."""


ENTRIES = (
    Entry(N_("Home"), "home.index", "home", (Act.HOME,)),
    Entry(N_("Register waste"), "containers.register_page", "scale", (Act.REGISTER,), begins_waste=True),
    Entry(N_("Stores"), "containers.stores_page", "store", (Act.VIEW_STORE,)),
    Entry(N_("Hand-ins"), "collection.hand_ins_page", "hand_in", (Act.HAND_IN, Act.RECEIVE_HAND_IN)),
    Entry(N_("My trips"), "manifests.trips_page", "truck", (Act.CARRY,)),
    Entry(N_("Receive"), "manifests.receipts_page", "receive", (Act.RECEIVE,)),
    Entry(N_("Manifests"), "manifests.manifests_page", "manifest", (Act.VIEW_MANIFEST,)),
    Entry(N_("Labels"), "labels.labels_page", "label", (Act.PRINT_LABEL,)),
    Entry(N_("Large boxes"), "boxes.boxes_page", "box", (Act.VIEW_BOX,)),
    Entry(N_("Treatment"), "treatment.queue_page", "treatment", (Act.TREAT,)),
    Entry(N_("Alarms"), "watch.alerts_page", "alarm", (Act.VIEW_ALERTS,)),
    Entry(N_("Inspections"), "inspections.inspections_page", "inspect", (Act.VIEW_INSPECTION,)),
    Entry(N_("Orders"), "orders.orders_page", "order", (Act.VIEW_ORDER,)),
    Entry(N_("Find"), "oversight.find_page", "find", (Act.OVERSEE,)),
    Entry(N_("Admission"), "accounts.requests_page", "check", (Act.APPROVE,)),
    Entry(N_("Time limits"), "parties.region_limits_page", "clock", (Act.OVERSEE, Act.APPROVE)),
    Entry(N_("Organisations"), "parties.organisations_page", "organisation", (Act.VIEW_PARTIES,)),
    Entry(
        N_("Bulk import"),
        "imports.imports_page",
        "receive",
        (Act.MANAGE_PARTIES, Act.MANAGE_ACCOUNTS, Act.IMPORT_WASTE),
    ),
    Entry(N_("Accounts"), "accounts.accounts_page", "person", (Act.MANAGE_ROLES,)),
    Entry(N_("Signing authority"), "signing.people_page", "sign", (Act.GRANT_SIGNING,)),
    Entry(N_("Security policy"), "accounts.policy_page", "lock", (Act.SET_POLICY,)),
    Entry(N_("Audit record"), "audit.record_page", "watch", (Act.VIEW_AUDIT,)),
    Entry(N_("Who may do what"), "audit.access_page", "lock", (Act.VIEW_ACCESS,)),
    Entry(N_("Custody ledger"), "ledger.ledger_page", "ledger", (Act.VIEW_LEDGER,)),
    Entry(N_("Signed heads"), "heads.heads_page", "ledger", (Act.OVERSEE,)),
    Entry(N_("Waste list"), "catalogue.catalogue_page", "catalogue", (Act.VIEW_CATALOGUE,)),
)


@dataclass(frozen=True)
class Link:
    """An entry as the layout draws it."""

    label: str
    href: str
    icon: str
    active: bool
    count: int = 0


def init(app: Flask) -> None:
    """Give every template the links of its reader."""

    @app.context_processor
    def navigation() -> dict[str, object]:
        return {"navigation": [_link(entry) for entry in ENTRIES if _seen(app, entry)]}


def _seen(app: Flask, entry: Entry) -> bool:
    if entry.begins_waste and finishing(waste_only=True):
        return False
    return entry.endpoint in app.view_functions and any(can(act) for act in entry.acts)


def _link(entry: Entry) -> Link:
    here = request.blueprint == entry.endpoint.partition(".")[0]
    others = [e.endpoint for e in ENTRIES if e.endpoint.startswith(f"{request.blueprint}.")]
    active = request.endpoint == entry.endpoint or (here and len(others) == 1)
    return Link(_(entry.label), url_for(entry.endpoint), entry.icon, active)
