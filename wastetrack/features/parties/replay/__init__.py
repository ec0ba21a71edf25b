"""How the tables of parties follow from the streams `organisation:<id>` and `region:<code>`."""

from wastetrack.domain.declared_wrong import SUFFIX
from wastetrack.features.ledger.service.replaying import Projection, Replay
from wastetrack.features.parties.models import (
    AdmissionRequest,
    Contract,
    CrewMember,
    Department,
    Facility,
    Licence,
    ManagementPlan,
    Organisation,
    OrganisationKindRow,
    PlannedWaste,
    PresenceCode,
    RegionTimeLimit,
    Scan,
    Site,
    StoreTimeLimit,
    StoreZone,
    SupervisionDecision,
    Vehicle,
    VehicleCleaning,
)
from wastetrack.features.parties.replay import organisations, papers, places

_PERSONAL = "names and telephones of persons stay out of the ledger, which nobody can change or clear"
_HIDDEN = "a secret: whoever reads the ledger is not to know it"
_PROGRESS = "how far scheduled work is, which nobody did and which begins again whenever it is lost"

REPLAY = Replay(
    "parties",
    families=("region", "organisation"),
    tables=(
        Projection(
            Organisation,
            aside=dict.fromkeys(("legal_representative", "contact", "phone", "emergency_phone"), _PERSONAL),
        ),
        Projection(OrganisationKindRow),
        Projection(SupervisionDecision),
        Projection(
            AdmissionRequest,
            aside={**dict.fromkeys(("manager_name", "manager_username"), _PERSONAL), "reference_hash": _HIDDEN},
        ),
        Projection(Site),
        Projection(Facility),
        Projection(StoreZone),
        Projection(StoreTimeLimit),
        Projection(
            RegionTimeLimit, aside=dict.fromkeys(("total", "done", "done_to", "again", "recount_at"), _PROGRESS)
        ),
        Projection(PresenceCode, key=("facility_id", "issued_at"), aside={"code": _HIDDEN}),
        Projection(Department),
        Projection(Vehicle),
        Projection(VehicleCleaning),
        Projection(CrewMember, aside=dict.fromkeys(("name", "phone"), _PERSONAL)),
        Projection(Licence),
        Projection(Contract),
        Projection(ManagementPlan),
        Projection(PlannedWaste),
        Projection(Scan, aside={"file_name": "as the sender called the file, which may be a person's name"}),
    ),
    steps={
        "region.time_limit_set": places.region_limited,
        "organisation.created": organisations.created,
        "organisation.asked": organisations.asked,
        "organisation.asked_again": organisations.asked_again,
        "organisation.admitted": organisations.admitted,
        "organisation.admission_refused": organisations.not_admitted,
        "organisation.request_withdrawn": organisations.withdrawn,
        "organisation.request_forgotten": organisations.forgotten,
        "organisation.changed": organisations.changed,
        "organisation.state_set": organisations.state_set,
        "organisation.supervision_fixed": organisations.supervision_fixed,
        "organisation.site_added": places.site_added,
        "organisation.site_changed": places.site_changed,
        "organisation.facility_added": places.facility_added,
        "organisation.facility_changed": places.facility_changed,
        "organisation.zone_added": places.zone_added,
        "organisation.zone_opened": places.zone_opened,
        "organisation.zone_closed": places.zone_closed,
        "organisation.presence_code_reissued": places.sign_replaced,
        "organisation.department_added": places.department_added,
        "organisation.time_limit_set": places.store_limited,
        "organisation.vehicle_added": papers.vehicle_added,
        "organisation.vehicle_changed": papers.vehicle_changed,
        "organisation.vehicle_cleaned": papers.vehicle_cleaned,
        f"organisation{SUFFIX}": papers.cleaning_wrong,
        "organisation.crew_added": papers.crew_added,
        "organisation.crew_changed": papers.crew_changed,
        "organisation.licence_added": papers.licence_added,
        "organisation.licence_dates_changed": papers.licence_dated,
        "organisation.contract_added": papers.contract_added,
        "organisation.contract_changed": papers.contract_changed,
        "organisation.plan_filed": papers.plan_filed,
        "organisation.scan_added": papers.scan_added,
        "organisation.scan_withdrawn": papers.scan_withdrawn,
    },
    reckon=(places.looked_at_next,),
)
