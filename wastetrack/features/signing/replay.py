"""How grants, agreements, acceptances and signatures follow from people's streams and those of what was signed."""

from collections.abc import Iterator
from typing import Any

from wastetrack.domain.signing import text_hash
from wastetrack.features.ledger.service.replaying import Change, Projection, Put, Replay, Rows, Told
from wastetrack.features.signing.models import AgreementAcceptance, GivenSignature, SigningGrant

GRANTS = SigningGrant.__tablename__
ACCEPTANCES, SIGNATURES = AgreementAcceptance.__tablename__, GivenSignature.__tablename__


def granted(_rows: Rows, told: Told) -> Iterator[Change]:
    """Begin the grants of an act; who grants to himself, as an account that is new, is not named."""
    by = told.actor_id if told.actor_id != told.thing else None
    values = {
        "user_id": told.thing,
        "organisation_id": told.facts["organisation"],
        **told.all_said(("since", "until", "basis", "origin")),
        "granted_by": by,
        "granted_at": told.recorded_at,
        "withdrawn_at": None,
        "withdrawn_by": None,
        "withdrawn_reason": "",
    }
    for signature, grant in told.facts["grants"].items():
        yield Put(GRANTS, (grant,), {**values, "signature": signature})


def withdrawn(_rows: Rows, told: Told) -> Iterator[Change]:
    """End grants."""
    values = {
        "withdrawn_at": told.recorded_at,
        "withdrawn_by": told.actor_id,
        "withdrawn_reason": told.facts["reason"],
    }
    for grant in told.facts["grants"]:
        yield Put(GRANTS, (grant,), values)


def agreed(_rows: Rows, told: Told) -> Iterator[Change]:
    """Accept a version of the agreement."""
    values = {**told.all_said(("text_hash", "assurance")), "accepted_at": told.recorded_at}
    yield Put(ACCEPTANCES, (told.thing, told.facts["version"]), values)


def issued(_rows: Rows, _told: Told) -> Iterator[Change]:
    """Change no table yet: the versions of the agreement are not replayed, of which the first is shipped."""
    yield from ()


def signed(_rows: Rows, told: Told) -> Iterator[Change]:
    """Keep the signature that an event of a manifest, a hand-in or a batch bears."""
    said: Any = told.facts.get("signature")
    if said is None:
        return
    values = {
        "stream": told.stream,
        "version": told.seq,
        "signature": said["as"],
        "user_id": told.actor_id,
        "organisation_id": told.acting_for,
        "roles": " ".join(said["roles"]),
        "grant_id": said["grant"],
        "mandate_id": said["mandate"],
        "agreement_version": said["agreement"],
        "assurance": said["assurance"],
        "language": said["language"],
        "shown": said["shown_hash"],
        "shown_hash": said["shown_hash"],
        "signed_hash": said["signed_hash"],
        "signed_at": told.recorded_at,
    }
    yield Put(SIGNATURES, (said["id"],), values)


REPLAY = Replay(
    "signing",
    tables=(
        Projection(SigningGrant),
        Projection(AgreementAcceptance),
        Projection(
            GivenSignature,
            aside={"name": "names of persons stay out of the ledger, which nobody can change or clear"},
            through={"shown": text_hash},
        ),
    ),
    steps={
        "signing.granted": granted,
        "signing.withdrawn": withdrawn,
        "signing.agreed": agreed,
        "agreement.issued": issued,
        **dict.fromkeys(
            ("manifest.signed", "manifest.departed", "manifest.confirmed", "hand_in.finished", "batch.finished"), signed
        ),
    },
)
