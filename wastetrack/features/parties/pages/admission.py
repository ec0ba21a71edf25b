"""An organisation asks to be admitted, without an account: the form, and how the request stands by its reference."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import APPLICANT, unknown
from wastetrack.domain.admission import ASKABLE, FORGOTTEN_AFTER, RequestState
from wastetrack.domain.problems import Refusal
from wastetrack.domain.regions import Level
from wastetrack.features.catalogue import queries as catalogue
from wastetrack.features.parties import queries, service
from wastetrack.features.parties.forms import choose_region
from wastetrack.features.parties.models import AdmissionRequest
from wastetrack.features.parties.pages.blueprint import as_values, pages, search, typed
from wastetrack.features.parties.queries import admission
from wastetrack.infra.i18n import _
from wastetrack.web.context import look
from wastetrack.web.forms import said, submit
from wastetrack.web.routing import PUBLIC


@pages.shows("/register-organisation", needs=PUBLIC)
def ask_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Choose the region, then say who the organisation is and who is to be its first manager."""
    values = typed()
    return render_template(
        "parties/ask.html",
        problems=said(refusal),
        values=values,
        choice=choose_region(look(), values.get("region_code") or request.args.get("region", ""), search()),
        kind_choices=list(ASKABLE),
    )


@pages.does("/register-organisation", needs=PUBLIC)
def ask() -> ResponseReturnValue:
    """Keep the request and lead to its page, whose address is the reference."""
    return submit(
        service.AskAdmission,
        service.ask_admission,
        then=lambda _asked: _sent(request.form["reference"]),
        again=ask_page,
        who=APPLICANT,
    )


@pages.shows("/register-organisation/<token>", needs=PUBLIC)
def asked_page(token: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Say how the request stands."""
    asked = _asked(token)
    county = catalogue.at_level(look(), asked.organisation.region_code, Level.COUNTY)
    place = county.code if county else asked.organisation.region_code
    return render_template(
        "parties/asked.html",
        request_=asked.request,
        one=asked.organisation,
        token=token,
        problems=said(refusal),
        county="".join(catalogue.region_chain(look(), place)),
        days=FORGOTTEN_AFTER.days,
    )


@pages.shows("/register-organisation/<token>/again", needs=PUBLIC)
def ask_again_page(token: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show what was asked, to be mended and sent again; while it is being reviewed there is nothing to mend."""
    asked = _asked(token)
    if asked.request.state in {RequestState.OPEN, RequestState.ACCEPTED}:
        return redirect(url_for("parties.asked_page", token=token), 303)
    values: dict[str, Any] = dict(typed()) if refusal else {
        **as_values(asked.organisation),
        "kinds": queries.kinds(look(), [asked.organisation.id])[asked.organisation.id],
        "manager_name": asked.request.manager_name,
        "manager_username": asked.request.manager_username,
    }  # fmt: skip
    region = request.args.get("region") or values.get("region_code", asked.organisation.region_code)
    return render_template(
        "parties/ask.html",
        problems=said(refusal),
        values=values,
        choice=choose_region(look(), region, search()),
        kind_choices=list(ASKABLE),
        token=token,
        reason=asked.request.reason,
    )


@pages.does("/register-organisation/<token>/again", needs=PUBLIC)
def ask_again(token: str) -> ResponseReturnValue:
    """Send the request once more."""
    _asked(token)
    return submit(
        service.AskAdmission,
        service.ask_again,
        then=lambda _asked: _sent(token),
        again=lambda refusal: ask_again_page(token, refusal),
        given={"reference": token},
        who=APPLICANT,
    )


@pages.does("/register-organisation/<token>/withdraw", needs=PUBLIC)
def withdraw_request(token: str) -> ResponseReturnValue:
    """Take the request back."""
    _asked(token)

    def done(_request: AdmissionRequest) -> ResponseReturnValue:
        flash(_("The request is withdrawn. Nobody reviews it any more."), "success")
        return redirect(url_for("parties.asked_page", token=token), 303)

    return submit(
        service.Withdraw,
        service.withdraw,
        then=done,
        again=lambda refusal: asked_page(token, refusal),
        given={"reference": token},
        who=APPLICANT,
    )


def _asked(token: str) -> admission.Asked:
    found = admission.request_with(look(), service.hash_of(token))
    if found is None:
        raise unknown()
    return admission.asked(look(), found.id)


def _sent(reference: str) -> ResponseReturnValue:
    flash(_("Your request is sent. Keep the reference: it is the only way to see what becomes of it."), "success")
    return redirect(url_for("parties.asked_page", token=reference), 303)
