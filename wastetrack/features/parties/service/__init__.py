"""Acts on organisations and what belongs to them, by purpose: the organisation itself, its places, fleet, licences."""

from wastetrack.features.parties.service.base import stream_of
from wastetrack.features.parties.service.fleet import (
    AddCrewMember,
    AddVehicle,
    ChangeCrewMember,
    ChangeVehicle,
    add_crew_member,
    add_vehicle,
    change_crew_member,
    change_vehicle,
)
from wastetrack.features.parties.service.licences import (
    AddLicence,
    ChangeLicenceDates,
    add_licence,
    change_licence_dates,
)
from wastetrack.features.parties.service.organisations import (
    ChangeOrganisation,
    CreateOrganisation,
    SetOrganisationState,
    change_organisation,
    create_organisation,
    set_organisation_state,
)
from wastetrack.features.parties.service.papers import AddContract, ChangeContract, add_contract, change_contract
from wastetrack.features.parties.service.places import (
    AddDepartment,
    AddFacility,
    AddSite,
    ChangeFacility,
    ChangeSite,
    add_department,
    add_facility,
    add_site,
    change_facility,
    change_site,
)
from wastetrack.features.parties.service.plans import FilePlan, PlanLine, file_plan
from wastetrack.features.parties.service.presence import ReissuePresenceCode, reissue_presence_code
from wastetrack.features.parties.service.scans import AddScan, WithdrawScan, add_scan, withdraw_scan
from wastetrack.features.parties.service.supervision import FixSupervision, fix_supervision
from wastetrack.features.parties.service.time_limits import SetTimeLimit, note_recounted, set_time_limit

__all__ = [
    "AddContract",
    "AddCrewMember",
    "AddDepartment",
    "AddFacility",
    "AddLicence",
    "AddScan",
    "AddSite",
    "AddVehicle",
    "ChangeContract",
    "ChangeCrewMember",
    "ChangeFacility",
    "ChangeLicenceDates",
    "ChangeOrganisation",
    "ChangeSite",
    "ChangeVehicle",
    "CreateOrganisation",
    "FilePlan",
    "FixSupervision",
    "PlanLine",
    "ReissuePresenceCode",
    "SetOrganisationState",
    "SetTimeLimit",
    "WithdrawScan",
    "add_contract",
    "add_crew_member",
    "add_department",
    "add_facility",
    "add_licence",
    "add_scan",
    "add_site",
    "add_vehicle",
    "change_contract",
    "change_crew_member",
    "change_facility",
    "change_licence_dates",
    "change_organisation",
    "change_site",
    "change_vehicle",
    "create_organisation",
    "file_plan",
    "fix_supervision",
    "note_recounted",
    "reissue_presence_code",
    "set_organisation_state",
    "set_time_limit",
    "stream_of",
    "withdraw_scan",
]
