"""Acts on the code on the wall of a store: it comes with the store, and anew when the sign is lost or copied.

No code stands in the ledger: whoever reads the ledger cannot make a sign from it.
"""

from uuid import UUID

from wastetrack.domain.access import Act
from wastetrack.domain.presence_code import ENTROPY_BYTES, new_presence_code
from wastetrack.features.parties import queries
from wastetrack.features.parties.models import Facility, PresenceCode
from wastetrack.features.parties.queries.presence import in_force
from wastetrack.features.parties.service.base import held, recorded, stream_of
from wastetrack.infra.commands import ActKey, Command, Text
from wastetrack.infra.ids import random_bytes
from wastetrack.infra.work import Work


class ReissuePresenceCode(Command):
    """Give a store a new presence code; the one on its wall is dead from then on."""

    organisation_id: UUID
    facility_id: UUID
    reason: Text
    act_key: ActKey | None = None


def issue(work: Work, store: Facility) -> PresenceCode:
    """Give a store a code that nobody can guess."""
    row = PresenceCode(code=new_presence_code(random_bytes(ENTROPY_BYTES)), facility_id=store.id, issued_at=work.now)
    work.session.add(row)
    work.session.flush()
    return row


def reissue_presence_code(work: Work, command: ReissuePresenceCode) -> Facility:
    """Replace the code of a store at once. The same act again changes nothing."""
    one = held(work, command.organisation_id, Act.MANAGE_OWN)
    store = queries.part(work.session, Facility, command.facility_id, one.id)
    if queries.recorded(work.session, stream_of(one.id), command.act_key):
        return store
    before = in_force(work.session, store.id)
    if before is not None:
        before.replaced_at = work.now
        work.session.flush()
    issue(work, store)
    facts = {"code": store.code, "reason": command.reason}
    return recorded(work, store, "presence_code_reissued", facts, command.act_key)
