"""Reference data comes from the files that are shipped, not from what anybody did."""

from wastetrack.features.catalogue.models import (
    MedicalClassText,
    Region,
    WasteEdition,
    WasteEntry,
    WasteExemption,
    WorkingDayException,
)
from wastetrack.features.ledger.service.replaying import Replay

_SHIPPED = "reference data, loaded from the files that are shipped; the ledger keeps that and what was loaded"

REPLAY = Replay(
    "catalogue",
    aside=dict.fromkeys(
        (Region, WasteEdition, WasteEntry, WasteExemption, MedicalClassText, WorkingDayException), _SHIPPED
    ),
    silent={"catalogue": "when which reference data was loaded"},
)
