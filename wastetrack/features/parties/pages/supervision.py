"""The supervision class of an organisation, fixed by a document."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act
from wastetrack.domain.problems import Refusal
from wastetrack.domain.supervision import Ordered
from wastetrack.domain.times import local_day
from wastetrack.features.parties import service, shapes
from wastetrack.features.parties.pages.blueprint import back_to, for_keeping, pages, typed
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.web.context import look
from wastetrack.web.forms import said, submit


@pages.shows("/organisations/<uuid:organisation_id>/supervision", needs=Act.MANAGE_PARTIES)
def supervision_page(organisation_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Ask for the class, its days and the document."""
    one = for_keeping(organisation_id, Act.MANAGE_PARTIES)
    today = local_day(clock.now())
    return render_template(
        "parties/supervision.html",
        one=one,
        view=shapes.supervision_view(look(), one, today),
        problems=said(refusal),
        values=typed(),
        choices=list(Ordered),
        today=today,
    )


@pages.does("/organisations/<uuid:organisation_id>/supervision", needs=Act.MANAGE_PARTIES)
def fix_supervision(organisation_id: UUID) -> ResponseReturnValue:
    """Enter the decision."""
    return submit(
        service.FixSupervision,
        service.fix_supervision,
        then=lambda _row: back_to(
            organisation_id, _("The decision is entered. Those before it stay in the record."), "supervision"
        ),
        again=lambda refusal: supervision_page(organisation_id, refusal),
        given={"organisation_id": organisation_id},
    )
