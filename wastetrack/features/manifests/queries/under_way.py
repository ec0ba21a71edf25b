"""Whether an organisation still has something to finish."""

from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from wastetrack.domain.containers import LIVE
from wastetrack.domain.manifests import State, Verdict
from wastetrack.features.containers.models import Container
from wastetrack.features.manifests.models import Manifest, ManifestBox, ManifestLeg

_ON_THE_WAY = (State.SIGNED, State.IN_TRANSIT, State.ARRIVED)


def under_way(session: Session, organisation_id: UUID) -> bool:
    """Tell whether an organisation holds waste, is a party to a load on its way, or has refused boxes to take back."""
    holds = select(Container.id).where(Container.holder_organisation_id == organisation_id, Container.state.in_(LIVE))
    carries = exists().where(ManifestLeg.manifest_id == Manifest.id, ManifestLeg.carrier_id == organisation_id)
    party = or_(Manifest.consignor_id == organisation_id, Manifest.receiver_id == organisation_id, carries)
    loads = select(Manifest.id).where(Manifest.state.in_(_ON_THE_WAY), party)
    returns = (
        select(Manifest.id)
        .join(ManifestBox, ManifestBox.manifest_id == Manifest.id)
        .where(
            Manifest.consignor_id == organisation_id,
            ManifestBox.verdict == Verdict.REFUSED,
            ManifestBox.taken_back_at.is_(None),
        )
    )
    return any(session.scalar(select(found.exists())) for found in (holds, loads, returns))
