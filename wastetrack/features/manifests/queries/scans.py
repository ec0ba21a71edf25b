"""What an act on one manifest or one of its boxes needs, read and held in as few looks as the locks allow."""

from uuid import UUID

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from wastetrack.domain.access import Actor, Role, unknown
from wastetrack.features.accounts.models import User
from wastetrack.features.containers.models import Container
from wastetrack.features.manifests.models import Manifest, ManifestBox, ManifestLeg

# Built once: every scan on a round runs them. What is locked is read as it stands once the lock is had, so both
# tables of the first are locked; a box changes only under the lock of its manifest.
_AS_IT_STANDS = {"populate_existing": True}
_WITH_LEG = (
    select(Manifest, ManifestLeg, select(User.crew_id).where(User.id == bindparam("me")).scalar_subquery())
    .select_from(Manifest)
    .join(ManifestLeg, ManifestLeg.manifest_id == Manifest.id)
    .where(Manifest.id == bindparam("this"))
    .with_for_update(of=[Manifest, ManifestLeg])
    .execution_options(**_AS_IT_STANDS)
)
_OTHER = aliased(ManifestBox)
_OTHERS_OPEN = (
    exists()
    .where(
        _OTHER.manifest_id == bindparam("manifest"),
        _OTHER.container_id != Container.id,
        _OTHER.verdict.is_(None),
        _OTHER.left_behind_at.is_(None),
    )
    .correlate(Container)
)
_BOX = (
    select(Container, ManifestBox, _OTHERS_OPEN)
    .select_from(Container)
    .outerjoin(
        ManifestBox,
        and_(ManifestBox.container_id == Container.id, ManifestBox.manifest_id == bindparam("manifest")),
    )
    .where(Container.code == bindparam("code"))
    .with_for_update(of=Container)
    .execution_options(**_AS_IT_STANDS)
)


def locked_with_leg(session: Session, actor: Actor, manifest_id: UUID) -> tuple[Manifest, ManifestLeg, UUID | None]:
    """Return the manifest and its leg as they stand now, held, and the crew member that the person is."""
    row = session.execute(_WITH_LEG, {"this": manifest_id, "me": actor.user_id}).one_or_none()
    if row is None:
        raise unknown()
    manifest, leg, crew_id = row
    return manifest, leg, crew_id if Role.DRIVER in actor.roles else None


def locked_box(session: Session, manifest_id: UUID, code: str) -> tuple[ManifestBox | None, Container | None, bool]:
    """Return the container with this code, held, and its box on the manifest, each None where there is none.

    The last says whether a verdict is still open on another box that the vehicle took along. The caller holds the
    manifest.
    """
    row = session.execute(_BOX, {"manifest": manifest_id, "code": code}).one_or_none()
    return (row[1], row[0], row[2]) if row else (None, None, False)
