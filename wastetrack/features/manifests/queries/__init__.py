"""Reading manifests, by what is asked of them."""

from wastetrack.features.manifests.queries.form import document
from wastetrack.features.manifests.queries.lawful import (
    exempt_box,
    facts,
    insist_on,
    loaded_boxes,
    on_vehicle_g,
    shipped_in,
    taken_in,
    transport,
    transport_on,
    warn_of_carrier_contract,
)
from wastetrack.features.manifests.queries.lists import Filter, Page, Row, find, receipts, short, trips
from wastetrack.features.manifests.queries.prints import Check, check, history, newest_print, openable, printed
from wastetrack.features.manifests.queries.scans import locked_box, locked_with_leg
from wastetrack.features.manifests.queries.seen import crew_id_of, related, relations, relations_by, view, visible
from wastetrack.features.manifests.queries.sheets import (
    Line,
    Sheet,
    boxes_of,
    leg_of,
    locked,
    reference_of,
    sheet,
    stream_of,
    streams_of,
)
from wastetrack.features.manifests.queries.under_way import under_way

__all__ = [
    "Check",
    "Filter",
    "Line",
    "Page",
    "Row",
    "Sheet",
    "boxes_of",
    "check",
    "crew_id_of",
    "document",
    "exempt_box",
    "facts",
    "find",
    "history",
    "insist_on",
    "leg_of",
    "loaded_boxes",
    "locked",
    "locked_box",
    "locked_with_leg",
    "newest_print",
    "on_vehicle_g",
    "openable",
    "printed",
    "receipts",
    "reference_of",
    "related",
    "relations",
    "relations_by",
    "sheet",
    "shipped_in",
    "short",
    "stream_of",
    "streams_of",
    "taken_in",
    "transport",
    "transport_on",
    "trips",
    "under_way",
    "view",
    "visible",
    "warn_of_carrier_contract",
]
