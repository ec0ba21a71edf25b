"""Who may do what: roles, acts, relations, and the one table that joins them. What is not in the table is refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wastetrack.domain.parties import OrganisationState, may_be_named, may_register
from wastetrack.domain.problems import Fact, Kind, Problem, refuse, refuse_all
from wastetrack.domain.words import N_, Term


class Role(Term):
    """In what capacity a person acts, for an organisation or (regulator) for a region."""

    COLLECTOR = "collector", N_("Collector")
    MANAGER = "manager", N_("Organisation manager")
    CLINIC = "clinic", N_("Clinic or village doctor")
    DRIVER = "driver", N_("Driver or escort")
    ATTENDANT = "attendant", N_("Station attendant")
    OPERATOR = "operator", N_("Disposal site operator")
    REGULATOR = "regulator", N_("Regulator")
    INSPECTOR = "inspector", N_("Inspector")
    APPROVER = "approver", N_("Approving officer")
    COMMANDER = "commander", N_("Emergency commander")
    SYSTEM_ADMIN = "system_admin", N_("System administrator")
    SECURITY_ADMIN = "security_admin", N_("Security administrator")
    AUDIT_ADMIN = "audit_admin", N_("Audit administrator")


REGULATORS = frozenset({Role.REGULATOR, Role.INSPECTOR, Role.APPROVER, Role.COMMANDER})
"""Whoever acts for a region. Four separate rights: to see the region comes with the role REGULATOR alone; to inspect,
to approve and to command are given one by one, each only beside that role (`accounts.role_problems`), because nobody
decides on what he cannot see. All four reach as far as the person's regions, his own and those he covers beside it.
"""

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})


class Relation(Term):
    """How the person stands to the thing: the same person may stand to it in several ways."""

    OWN = "own", N_("own organisation")
    PRODUCER = "producer", N_("first producer of the waste")
    CONSIGNOR = "consignor", N_("consignor of the manifest")
    CARRIER = "carrier", N_("carrier of the manifest")
    CREW = "crew", N_("driver or escort of the leg")
    RECEIVER = "receiver", N_("receiver of the manifest")
    REGION = "region", N_("inside the own region")
    ANY = "any", N_("everywhere")


class Act(Term):
    """What can be done or seen. Pages, API and navigation ask by these names."""

    HOME = "home", N_("See the own start page")
    REGISTER = "register", N_("Register, weigh and label waste")
    IMPORT_WASTE = "import_waste", N_("Import registered waste from a file")
    PRINT_LABEL = "print_label", N_("Print labels")
    ISSUE_BLANKS = "issue_blanks", N_("Issue and withdraw blank labels")
    STORE = "store", N_("Place or move waste in a store")
    VOID_CONTAINER = "void_container", N_("Void a label before the waste has left")
    WEIGH = "weigh", N_("Weigh a container again")
    REPACK = "repack", N_("Open, seal again or repack a container")
    DECLARE_WRONG = "declare_wrong", N_("Declare an own entry wrong")
    PACK = "pack", N_("Pack containers into large boxes, take them out, move the boxes")
    CLEAN_BOX = "clean_box", N_("Record that a large box was washed and disinfected")
    KEEP_BOX = "keep_box", N_("Register and retire large boxes")
    VIEW_BOX = "view_box", N_("See large boxes")
    VIEW_STORE = "view_store", N_("See what stands in a store")
    VIEW_CONTAINER = "view_container", N_("Follow a container")
    VIEW_TANK = "view_tank", N_("See a tank or pool and its readings")
    KEEP_TANK = "keep_tank", N_("Enter readings and flows of a tank or pool")
    SET_UP_TANK = "set_up_tank", N_("Set up, change and close tanks and pools")
    VIEW_MANIFEST = "view_manifest", N_("See a manifest")
    DRAFT_MANIFEST = "draft_manifest", N_("Prepare, discard or void a manifest")
    SIGN_MANIFEST = "sign_manifest", N_("Sign a manifest for the consignor")
    CARRY = "carry", N_("Scan, take over, depart and arrive")
    RECEIVE = "receive", N_("Receive, weigh and give verdicts")
    TAKE_BACK = "take_back", N_("Take refused waste back")
    HAND_IN = "hand_in", N_("Hand waste in at a station")
    RECEIVE_HAND_IN = "receive_hand_in", N_("Receive waste at a station")
    VIEW_HAND_IN = "view_hand_in", N_("See a hand-in")
    TREAT = "treat", N_("Treat waste in a batch")
    VIEW_BATCH = "view_batch", N_("See a batch of treated waste")
    VIEW_ALERTS = "view_alerts", N_("See alarms")
    OVERSEE = "oversee", N_("Oversee a region")
    INSPECT = "inspect", N_("Inspect on the spot")
    VIEW_INSPECTION = "view_inspection", N_("See inspections and their findings")
    REMEDY = "remedy", N_("Answer the findings of an inspection")
    APPROVE = "approve", N_("Approve applications")
    COMMAND = "command", N_("Give orders in an emergency")
    VIEW_ORDER = "view_order", N_("See orders")
    ANSWER_ORDER = "answer_order", N_("Acknowledge orders and report on them")
    VIEW_VEHICLE = "view_vehicle", N_("See a vehicle and when it was cleaned")
    CLEAN_VEHICLE = "clean_vehicle", N_("Record that a vehicle was washed and disinfected")
    VIEW_PARTIES = "view_parties", N_("See organisations, sites and papers")
    MANAGE_OWN = "manage_own", N_("Keep the own organisation's stores, vehicles and crew")
    MANAGE_PARTIES = "manage_parties", N_("Keep organisations, sites and licences")
    MANAGE_ACCOUNTS = "manage_accounts", N_("Keep accounts and roles")
    MANAGE_ROLES = "manage_roles", N_("See accounts and change their roles")
    INVITE = "invite", N_("Invite people by link")
    MANDATE = "mandate", N_("Authorise somebody to act for the own organisation")
    END_MANDATE = "end_mandate", N_("See and withdraw authorisations to act for another")
    HAND_OVER = "hand_over", N_("Hand over the management of an organisation")
    GRANT_SIGNING = "grant_signing", N_("Grant and withdraw the authority to sign")
    SET_POLICY = "set_policy", N_("Set the security policy")
    VIEW_LEDGER = "view_ledger", N_("See and verify the custody ledger")
    VIEW_AUDIT = "view_audit", N_("See and export the audit record")
    VIEW_ACCESS = "view_access", N_("See who may do what")
    VIEW_CATALOGUE = "view_catalogue", N_("Look up waste codes")


_R, _A = Relation, Role
_WASTE_SIDE = (_A.COLLECTOR, _A.MANAGER, _A.CLINIC, _A.ATTENDANT)
_AT_TANKS = (_A.COLLECTOR, _A.MANAGER, _A.OPERATOR)
"""Enterprises and disposal sites have tanks; clinics and stations have none."""
_STANDS_FOR_IT = (_A.MANAGER, _A.CLINIC, _A.ATTENDANT, _A.OPERATOR)
"""Who answers for an organisation to the authority: clinics, stations and plants need not have a manager."""
_SEEN_AS_PARTY = {
    _A.COLLECTOR: {_R.OWN, _R.PRODUCER},
    _A.MANAGER: {_R.OWN, _R.PRODUCER, _R.CONSIGNOR, _R.CARRIER, _R.RECEIVER},
    _A.CLINIC: {_R.OWN, _R.PRODUCER},
    _A.ATTENDANT: {_R.OWN, _R.PRODUCER, _R.CONSIGNOR, _R.RECEIVER},
    _A.DRIVER: {_R.CREW},
    _A.OPERATOR: {_R.OWN, _R.RECEIVER},
    _A.REGULATOR: {_R.REGION},
}

RIGHTS: dict[Act, dict[Role, set[Relation]]] = {
    Act.HOME: {role: {_R.ANY} for role in Role},
    Act.REGISTER: {role: {_R.OWN} for role in _WASTE_SIDE},
    Act.IMPORT_WASTE: {_A.MANAGER: {_R.OWN}},
    Act.PRINT_LABEL: {role: {_R.OWN, _R.PRODUCER} for role in _WASTE_SIDE},
    Act.ISSUE_BLANKS: {role: {_R.OWN} for role in (_A.MANAGER, _A.CLINIC, _A.ATTENDANT)},
    Act.STORE: {role: {_R.OWN} for role in (*_WASTE_SIDE, _A.OPERATOR)},
    Act.VOID_CONTAINER: {role: {_R.PRODUCER} for role in _WASTE_SIDE},
    Act.WEIGH: {role: {_R.OWN} for role in (*_WASTE_SIDE, _A.OPERATOR)} | {_A.DRIVER: {_R.CREW}},
    Act.REPACK: {role: {_R.OWN} for role in (*_WASTE_SIDE, _A.OPERATOR)},
    Act.DECLARE_WRONG: {role: {_R.OWN} for role in (_A.MANAGER, _A.CLINIC, _A.ATTENDANT, _A.OPERATOR)},
    Act.PACK: {role: {_R.OWN} for role in (*_WASTE_SIDE, _A.OPERATOR)},
    Act.CLEAN_BOX: {role: {_R.OWN} for role in (*_WASTE_SIDE, _A.OPERATOR)},
    Act.KEEP_BOX: {role: {_R.OWN} for role in _STANDS_FOR_IT},
    Act.VIEW_BOX: {role: {_R.OWN} for role in (*_WASTE_SIDE, _A.OPERATOR)} | {_A.REGULATOR: {_R.REGION}},
    Act.VIEW_STORE: {role: {_R.OWN} for role in (*_WASTE_SIDE, _A.OPERATOR)} | {_A.REGULATOR: {_R.REGION}},
    Act.VIEW_CONTAINER: _SEEN_AS_PARTY,
    Act.VIEW_TANK: {role: {_R.OWN} for role in _AT_TANKS} | {_A.REGULATOR: {_R.REGION}},
    Act.KEEP_TANK: {role: {_R.OWN} for role in _AT_TANKS},
    Act.SET_UP_TANK: {role: {_R.OWN} for role in (_A.MANAGER, _A.OPERATOR)},
    Act.VIEW_MANIFEST: _SEEN_AS_PARTY,
    Act.DRAFT_MANIFEST: {_A.MANAGER: {_R.CONSIGNOR}, _A.ATTENDANT: {_R.CONSIGNOR}},
    Act.SIGN_MANIFEST: {_A.MANAGER: {_R.CONSIGNOR}, _A.ATTENDANT: {_R.CONSIGNOR}},
    Act.CARRY: {_A.DRIVER: {_R.CREW}},
    Act.RECEIVE: {_A.OPERATOR: {_R.RECEIVER}},
    Act.TAKE_BACK: {_A.MANAGER: {_R.CONSIGNOR}, _A.ATTENDANT: {_R.CONSIGNOR}},
    Act.HAND_IN: {_A.CLINIC: {_R.OWN}, _A.ATTENDANT: {_R.OWN}, _A.MANAGER: {_R.OWN}},
    Act.RECEIVE_HAND_IN: {_A.ATTENDANT: {_R.OWN}},
    Act.VIEW_HAND_IN: {role: {_R.OWN} for role in (_A.CLINIC, _A.ATTENDANT, _A.MANAGER)} | {_A.REGULATOR: {_R.REGION}},
    Act.TREAT: {_A.OPERATOR: {_R.OWN}},
    Act.VIEW_BATCH: {_A.OPERATOR: {_R.OWN}, _A.REGULATOR: {_R.REGION}},
    Act.VIEW_ALERTS: {role: {_R.OWN} for role in (*_WASTE_SIDE, _A.OPERATOR)} | {_A.REGULATOR: {_R.REGION}},
    Act.VIEW_VEHICLE: {
        _A.MANAGER: {_R.OWN},
        _A.DRIVER: {_R.CREW},
        _A.OPERATOR: {_R.RECEIVER},
        _A.REGULATOR: {_R.REGION},
    },
    Act.CLEAN_VEHICLE: {_A.MANAGER: {_R.OWN}, _A.DRIVER: {_R.CREW}, _A.OPERATOR: {_R.RECEIVER}},
    Act.OVERSEE: {_A.REGULATOR: {_R.REGION}},
    Act.INSPECT: {_A.INSPECTOR: {_R.REGION}},
    Act.VIEW_INSPECTION: {role: {_R.OWN} for role in _STANDS_FOR_IT}
    | {role: {_R.REGION} for role in (_A.REGULATOR, _A.INSPECTOR)},
    Act.REMEDY: {role: {_R.OWN} for role in _STANDS_FOR_IT},
    Act.APPROVE: {_A.APPROVER: {_R.REGION}},
    Act.COMMAND: {_A.COMMANDER: {_R.REGION}},
    Act.VIEW_ORDER: {role: {_R.OWN} for role in _STANDS_FOR_IT}
    | {role: {_R.REGION} for role in (_A.REGULATOR, _A.COMMANDER)},
    Act.ANSWER_ORDER: {role: {_R.OWN} for role in _STANDS_FOR_IT},
    Act.VIEW_PARTIES: {
        _A.MANAGER: {_R.OWN},
        _A.ATTENDANT: {_R.OWN},
        _A.REGULATOR: {_R.REGION},
        _A.SYSTEM_ADMIN: {_R.ANY},
        _A.SECURITY_ADMIN: {_R.ANY},
    },
    Act.MANAGE_OWN: {_A.MANAGER: {_R.OWN}, _A.SYSTEM_ADMIN: {_R.ANY}},
    Act.MANAGE_PARTIES: {_A.SYSTEM_ADMIN: {_R.ANY}},
    Act.MANAGE_ACCOUNTS: {_A.SECURITY_ADMIN: {_R.ANY}},
    Act.MANAGE_ROLES: {_A.MANAGER: {_R.OWN}, _A.SECURITY_ADMIN: {_R.ANY}},
    Act.INVITE: {_A.MANAGER: {_R.OWN}, _A.SECURITY_ADMIN: {_R.ANY}},
    Act.MANDATE: {role: {_R.OWN} for role in (_A.MANAGER, _A.CLINIC)},
    Act.END_MANDATE: {_A.MANAGER: {_R.OWN}, _A.CLINIC: {_R.OWN}, _A.SECURITY_ADMIN: {_R.ANY}},
    Act.HAND_OVER: {_A.MANAGER: {_R.OWN}, _A.SECURITY_ADMIN: {_R.ANY}},
    Act.GRANT_SIGNING: {_A.MANAGER: {_R.OWN}, _A.SECURITY_ADMIN: {_R.ANY}},
    Act.SET_POLICY: {_A.SECURITY_ADMIN: {_R.ANY}},
    Act.VIEW_LEDGER: {_A.AUDIT_ADMIN: {_R.ANY}},
    Act.VIEW_AUDIT: {_A.AUDIT_ADMIN: {_R.ANY}},
    Act.VIEW_ACCESS: {_A.SECURITY_ADMIN: {_R.ANY}, _A.AUDIT_ADMIN: {_R.ANY}},
    Act.VIEW_CATALOGUE: {role: {_R.ANY} for role in Role},
}

NEVER_BY_MANDATE = frozenset(
    {
        Act.MANAGE_ACCOUNTS,
        Act.MANAGE_ROLES,
        Act.INVITE,
        Act.GRANT_SIGNING,
        Act.SET_POLICY,
        Act.MANDATE,
        Act.END_MANDATE,
        Act.HAND_OVER,
        Act.IMPORT_WASTE,
    }
)
"""What nobody does for another by mandate: who belongs to an organisation and in which roles, it settles itself. A file
is gone over beside the site, for the person as he is himself."""

SIGNED = frozenset({Act.SIGN_MANIFEST})
"""What is a signature from beginning to end: by mandate only where the mandate names signing."""


@dataclass(frozen=True)
class ByMandate:
    """By which mandate somebody acts for another, and whose he is: it stands beside him wherever he is named."""

    id: UUID
    organisation_id: UUID
    """His own organisation, for which he does not act meanwhile."""
    organisation_name: str
    until: date
    signs: bool
    over: bool = False
    """The session still names the mandate, but it no longer holds: until he says so he acts for nobody."""


@dataclass(frozen=True)
class Actor:
    """The person (or the system itself) behind an act, with all that rights depend on.

    `region_paths` are the supervision paths of a regulator's regions, as in `domain.regions`: his own first, then those
    he covers beside it. `region_code` is his own one's. Who acts by mandate (docs/decisions/0009) has the organisation
    he acts for and the roles it gave him, and nothing of his own.
    """

    user_id: UUID | None
    name: str
    roles: frozenset[Role]
    organisation_id: UUID | None = None
    organisation_name: str = ""
    region_code: str | None = None
    region_paths: tuple[str, ...] = ()
    region_name: str = ""
    organisation_state: OrganisationState = OrganisationState.ACTIVE
    by_mandate: ByMandate | None = None

    @property
    def ordered_roles(self) -> list[Role]:
        """Return the roles in the order of the table."""
        return [role for role in Role if role in self.roles]

    def acts_for(self, organisation_id: UUID | None) -> bool:
        """Tell whether the person belongs to this organisation."""
        return organisation_id is not None and organisation_id == self.organisation_id


SYSTEM = Actor(None, "system", frozenset())
"""The platform itself: scheduled work and the loading of reference data. It holds no role and passes no check."""

APPLICANT = Actor(None, "applicant", frozenset())
"""Somebody without an account who asks for an organisation to be admitted (docs/decisions/0008): he holds no role and
passes no check either. Who he says he is stands in the request; the ledger names nobody."""


def may(actor: Actor, act: Act, relations: Iterable[Relation] = ()) -> bool:
    """Tell whether the table lets the person do `act` on a thing to which he stands in `relations`."""
    if not _covered(actor, act):
        return False
    held = {Relation.ANY, *relations}
    return any(held & RIGHTS[act].get(role, set()) for role in actor.roles)


def may_ever(actor: Actor, act: Act) -> bool:
    """Tell whether there can be anything at all on which the person may do `act`: for routes and navigation."""
    return _covered(actor, act) and any(RIGHTS[act].get(role) for role in actor.roles)


def _covered(actor: Actor, act: Act) -> bool:
    """Tell whether the mandate by which the person acts, if he acts by one, can cover this act at all."""
    if actor.by_mandate is None:
        return True
    return act not in NEVER_BY_MANDATE and (actor.by_mandate.signs or act not in SIGNED)


def require_signature(actor: Actor) -> None:
    """Refuse a signature by mandate that the mandate does not name."""
    if actor.by_mandate is not None and not actor.by_mandate.signs:
        raise refuse(
            "access.unsigned",
            N_(
                "{organisation} has authorised you to act for it, but not to sign. Let its manager sign, or ask for an "
                "authorisation that names signing."
            ),
            kind=Kind.FORBIDDEN,
            organisation=actor.organisation_name,
        )


def require(actor: Actor, act: Act, relations: Iterable[Relation] = ()) -> None:
    """Refuse unless `may`. The sentence names the act, not the thing: a stranger learns nothing from it."""
    if not may(actor, act, relations):
        raise forbidden(act)


def finishing(actor: Actor, *, waste_only: bool = False) -> list[Problem]:
    """Return why a person begins nothing new: his organisation is suspended or closed and finishes what it began.

    Waste that arises while it is suspended is registered all the same (`waste_only`): what is there must be seen.
    """
    state = actor.organisation_state
    if may_register(state) if waste_only else may_be_named(state):
        return []
    sentence = N_("{organisation} is {state}: it finishes what is under way and begins nothing new.")
    facts: dict[str, Fact] = {"organisation": actor.organisation_name, "state": state}
    return [Problem("access.finishing", sentence, facts, kind=Kind.CONFLICT)]


def require_beginning(actor: Actor, *, waste_only: bool = False) -> None:
    """Refuse to begin something new for an organisation that only finishes (`finishing`)."""
    refuse_all(finishing(actor, waste_only=waste_only))


def forbidden(act: Act) -> Exception:
    """Make the refusal for an act that is not the person's to do."""
    return refuse(
        "access.forbidden",
        N_(
            "Your account may not do this here: {act}. If it is your work, ask your organisation's manager "
            "or the security administrator for the right."
        ),
        kind=Kind.FORBIDDEN,
        act=act,
    )


def unknown() -> Exception:
    """Make the refusal for a thing that is not there, or that the person may not know to be there."""
    return refuse(
        "access.unknown",
        N_("There is nothing here under this address, or it is not open to you. Check the code or go back."),
        kind=Kind.UNKNOWN,
    )
