"""How accounts, mandates, hand-overs and the policy follow from `user:`, `mandate:`, `handover:` and `platform:`."""

from collections.abc import Iterable, Iterator

from wastetrack.domain.handovers import HandoverState
from wastetrack.domain.invitations import InvitationState
from wastetrack.domain.mandates import MandateState
from wastetrack.features.accounts.models import (
    FailedSignIns,
    Handover,
    Invitation,
    ManagerGap,
    Mandate,
    PastPassword,
    PendingSignIn,
    RecoveryCode,
    SecondFactor,
    SecurityPolicy,
    SignIn,
    User,
    UserRegion,
    UserRole,
)
from wastetrack.features.ledger.service.replaying import (
    UNSAID,
    Change,
    Gone,
    Projection,
    Put,
    Replay,
    Rows,
    Told,
    Value,
)

USERS, ROLES, REGIONS = User.__tablename__, UserRole.__tablename__, UserRegion.__tablename__
INVITATIONS, MANDATES, HANDOVERS = Invitation.__tablename__, Mandate.__tablename__, Handover.__tablename__
GAPS, POLICY = ManagerGap.__tablename__, SecurityPolicy.__tablename__

_CHOSEN = (
    "passwords", "change_after_days", "remembered", "least_length", "second_factor", "signing_minutes",
    "longest_grant_days", "agreement_grace_days",
)  # fmt: skip
_HIDDEN = "a secret, or what is reckoned from one: whoever reads the ledger is not to know it"
_PASSING = "what is under way at the door: it ends by itself, and the ledger keeps who came in and when"


# --- accounts ----------------------------------------------------------------------------------------------------


def created(rows: Rows, told: Told) -> Iterator[Change]:
    """Begin an account with its roles."""
    facts = told.facts
    values = {
        "username": facts["username"],
        "organisation_id": facts["organisation"],
        "region_code": facts["region"],
        "crew_id": facts["crew"],
        "active": True,
        "must_change_password": told.said("must_change"),
        "password_changed_at": told.recorded_at,
        "created_at": told.recorded_at,
    }
    yield Put(USERS, (told.thing,), values)
    yield from _roles(rows, told.thing, facts["roles"])


def opened(_rows: Rows, told: Told) -> Iterator[Change]:
    """Open an account again."""
    yield Put(USERS, (told.thing,), {"active": True})


def closed(rows: Rows, told: Told) -> Iterator[Change]:
    """Close an account; an open invitation to it ends."""
    yield Put(USERS, (told.thing,), {"active": False})
    yield from _ended(rows, told, InvitationState.WITHDRAWN)


def roles_changed(rows: Rows, told: Told) -> Iterator[Change]:
    """Give an account other roles."""
    yield Put(USERS, (told.thing,), {"crew_id": told.facts["crew"]})
    yield from _roles(rows, told.thing, told.facts["to"])


def moved(rows: Rows, told: Told) -> Iterator[Change]:
    """Have an account act for another organisation."""
    yield Put(USERS, (told.thing,), {"organisation_id": told.facts["to"], "crew_id": told.facts["crew"]})
    yield from _roles(rows, told.thing, told.facts["roles_to"])
    yield from _ended(rows, told, InvitationState.WITHDRAWN)


def region_added(_rows: Rows, told: Told) -> Iterator[Change]:
    """Have a regulator cover a further region."""
    values = {**told.all_said(("since", "until", "reason")), "added_at": told.recorded_at}
    yield Put(REGIONS, (told.thing, told.facts["region_code"]), values)


def region_taken(_rows: Rows, told: Told) -> Iterator[Change]:
    """Take a further region away."""
    yield Gone(REGIONS, (told.thing, told.facts["region_code"]))


def password_chosen(rows: Rows, told: Told) -> Iterator[Change]:
    """Note that the person chose a password himself."""
    yield from _password(rows, told, must_change=False)


def password_reset(rows: Rows, told: Told) -> Iterator[Change]:
    """Note that a password was given; at the console it may be one that stays."""
    must_change = told.facts.get("must_change", UNSAID if "at" in told.facts else True)
    yield from _password(rows, told, must_change=must_change)


def invited(rows: Rows, told: Told) -> Iterator[Change]:
    """Begin an invitation; the one before it opens nothing more."""
    yield from _ended(rows, told, InvitationState.REPLACED)
    values = {
        "id": told.said("invitation"),
        "state": InvitationState.OPEN.value,
        "invited_by": told.actor_id,
        "expires_at": told.facts["until"],
        "ended_at": None,
    }
    yield Put(INVITATIONS, (told.thing, told.recorded_at), values)


def invitation_withdrawn(rows: Rows, told: Told) -> Iterator[Change]:
    """End an invitation."""
    yield from _ended(rows, told, InvitationState.WITHDRAWN)


def invitation_accepted(rows: Rows, told: Told) -> Iterator[Change]:
    """End an invitation by the password that was chosen."""
    yield from _ended(rows, told, InvitationState.ACCEPTED)
    yield from _password(rows, told, must_change=False)


def nothing(_rows: Rows, _told: Told) -> Iterator[Change]:
    """Change no table: what the event tells is of sessions, locks and second factors."""
    yield from ()


def _password(rows: Rows, told: Told, *, must_change: Value) -> Iterator[Change]:
    yield Put(USERS, (told.thing,), {"must_change_password": must_change, "password_changed_at": told.recorded_at})
    yield from _ended(rows, told, InvitationState.REPLACED)


def _ended(rows: Rows, told: Told, state: InvitationState) -> Iterator[Change]:
    for row in rows.where(INVITATIONS, "user_id", told.thing):
        if row["state"] == InvitationState.OPEN:
            values = {"state": state.value, "ended_at": told.recorded_at}
            yield Put(INVITATIONS, rows.key_of(INVITATIONS, row), values)


def _roles(rows: Rows, user: str, wanted: Iterable[str]) -> Iterator[Change]:
    keys = [(user, role) for role in wanted]
    held = [rows.key_of(ROLES, row) for row in rows.where(ROLES, "user_id", user)]
    yield from [Gone(ROLES, key) for key in held if key not in keys]
    yield from [Put(ROLES, key, {}) for key in keys]


# --- mandates, hand-overs, gaps, policy --------------------------------------------------------------------------


def mandate_given(_rows: Rows, told: Told) -> Iterator[Change]:
    """Offer a mandate."""
    values = {
        "organisation_id": told.facts["organisation"],
        "user_id": told.facts["person"],
        "own_organisation_id": told.facts["own_organisation"],
        "roles": " ".join(told.facts["roles"]),
        **told.all_said(("signs", "since", "until", "reason")),
        "state": MandateState.OFFERED.value,
        "given_by": told.actor_id,
        "given_at": told.recorded_at,
        "accepted_at": None,
        "ended_at": None,
        "end_reason": None,
    }
    yield Put(MANDATES, (told.thing,), values)


def mandate_accepted(_rows: Rows, told: Told) -> Iterator[Change]:
    """Have a mandate hold."""
    yield Put(MANDATES, (told.thing,), {"state": MandateState.ACCEPTED.value, "accepted_at": told.recorded_at})


def mandate_ended(_rows: Rows, told: Told) -> Iterator[Change]:
    """End a mandate in one of its ways."""
    values = {"state": told.kind.partition(".")[2], "ended_at": told.recorded_at}
    yield Put(MANDATES, (told.thing,), {**values, "end_reason": told.facts.get("reason") or None})


def handover_asked(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin a hand-over."""
    values = {
        "organisation_id": told.facts["organisation"],
        "leaver_id": told.facts["leaver"],
        "successor_id": told.facts["successor"],
        "asked_by": told.actor_id,
        "keeps": " ".join(told.facts["keeps"]),
        "reason": told.facts["reason"],
        "state": HandoverState.OPEN.value,
        "asked_at": told.recorded_at,
        "ended_at": None,
        "end_reason": None,
    }
    yield Put(HANDOVERS, (told.thing,), values)


def handover_ended(_rows: Rows, told: Told) -> Iterator[Change]:
    """End a hand-over: taken over, refused or withdrawn."""
    values = {"state": told.kind.partition(".")[2], "ended_at": told.recorded_at}
    yield Put(HANDOVERS, (told.thing,), {**values, "end_reason": told.facts.get("reason")})


def manager_lost(_rows: Rows, told: Told) -> Iterator[Change]:
    """Note since when and why an organisation has no manager."""
    yield Put(GAPS, (told.thing,), {"since": told.recorded_at, "reason": told.facts["reason"]})


def policy_changed(rows: Rows, told: Told) -> Iterator[Change]:
    """Choose another policy; what an older event does not name is as it was."""
    before = rows.get(POLICY, 1) or dict.fromkeys(_CHOSEN, UNSAID)
    values = {name: before[name] for name in _CHOSEN}
    values |= {name: one["to"] for name, one in told.facts["changed"].items()} | told.facts.get("chosen", {})
    yield Put(POLICY, (1,), {**values, "changed_at": told.recorded_at})


REPLAY = Replay(
    "accounts",
    families=("user", "mandate", "handover", "platform"),
    tables=(
        Projection(User, aside={"name": "names of persons stay out of the ledger", "password_hash": _HIDDEN}),
        Projection(UserRole),
        Projection(UserRegion),
        Projection(Invitation, key=("user_id", "invited_at"), aside={"token_hash": _HIDDEN}),
        Projection(Mandate),
        Projection(Handover),
        Projection(ManagerGap),
        Projection(SecurityPolicy),
    ),
    steps={
        "account.created": created,
        "account.opened": opened,
        "account.closed": closed,
        "account.roles_changed": roles_changed,
        "account.moved": moved,
        "account.region_added": region_added,
        "account.region_taken": region_taken,
        "account.password_changed": password_chosen,
        "account.password_reset": password_reset,
        "account.invited": invited,
        "account.invitation_withdrawn": invitation_withdrawn,
        "account.invitation_accepted": invitation_accepted,
        **dict.fromkeys(
            (
                "account.acting_began", "account.acting_ended", "account.locked", "account.recovery_codes_made",
                "account.second_factor_removed", "account.second_factor_reset", "account.second_factor_set",
                "account.session_ended", "account.signed_in", "account.signed_out",
            ),
            nothing,
        ),
        "mandate.given": mandate_given,
        "mandate.accepted": mandate_accepted,
        **dict.fromkeys(
            ("mandate.declined", "mandate.withdrawn", "mandate.given_back", "mandate.ended"), mandate_ended
        ),
        "handover.asked": handover_asked,
        **dict.fromkeys(("handover.accepted", "handover.refused", "handover.withdrawn"), handover_ended),
        "organisation.manager_lost": manager_lost,
        "policy.changed": policy_changed,
    },
    aside={
        **dict.fromkeys((PastPassword, SecondFactor, RecoveryCode), _HIDDEN),
        **dict.fromkeys((PendingSignIn, FailedSignIns, SignIn), _PASSING),
    },
)  # fmt: skip
