"""Pages of signing: who may sign for the organisation, one person's authority, the agreement and its versions."""

from datetime import date
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act, unknown
from wastetrack.domain.problems import Refusal
from wastetrack.domain.signing import Due, GrantState, last_day, signatures_of
from wastetrack.domain.times import local_day
from wastetrack.features.accounts import queries as accounts
from wastetrack.features.accounts.models import User
from wastetrack.features.signing import queries, service, shapes
from wastetrack.features.signing.models import Agreement
from wastetrack.infra import clock
from wastetrack.infra.i18n import _
from wastetrack.infra.work import Work
from wastetrack.web import reauth
from wastetrack.web.context import actor, look, visitor
from wastetrack.web.forms import said, status_of, submit
from wastetrack.web.language import local_path
from wastetrack.web.routing import SIGNED_IN, Pages

pages = Pages("signing", __name__)


# --- for every signature: called by the kit --------------------------------------------------------------------------


def asked() -> reauth.Asked | None:
    """Return the agreement that the person who is signed in has still to accept."""
    who = visitor()
    return shapes.asked(look(), who, clock.now()) if who else None


def agree(work: Work, version: int) -> object:
    """Keep that he accepts this version."""
    return service.accept(work, service.AcceptAgreement(agreement=version))


# --- who may sign ----------------------------------------------------------------------------------------------------


@pages.shows("/signing", needs=Act.GRANT_SIGNING)
def people_page() -> ResponseReturnValue:
    """List those to whom the reader grants: what each may sign today, what is missing, what ends soon."""
    rows, following = queries.people(look(), actor(), clock.now(), request.args.get("after", "")[:60])
    return render_template(
        "signing/people.html",
        rows=rows,
        day=local_day(clock.now()),
        names_others=actor().organisation_id is None,
        next_href=url_for("signing.people_page", after=following) if following else None,
        first_href=url_for("signing.people_page") if request.args.get("after") else None,
    )


@pages.shows("/accounts/<uuid:user_id>/signing", needs=Act.GRANT_SIGNING)
def person_page(user_id: UUID, refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show what one person may sign and ever might; grant more, or take some of it away."""
    session, now = look(), clock.now()
    user = accounts.visible(session, actor(), user_id)
    signs = signatures_of(accounts.roles_of(session, user_id))
    against = service.granting_problems(Work(session, actor(), now), user)
    longest = accounts.policy(session).longest_grant_days
    today = local_day(now)
    return render_template(
        "signing/person.html",
        user=user,
        person=queries.person(session, user, now),
        rows=shapes.rows(session, queries.grants_of(session, user_id), now),
        acceptance=queries.accepted(session, user_id),
        signs=signs,
        against=said(Refusal(against)) if against else [],
        longest=longest,
        today=today,
        proposed=last_day(today, longest),
        values=request.form if refusal else {},
        chosen=request.form.getlist("signatures") if refusal else None,
        tried=(request.endpoint or "").rpartition(".")[2],
        problems=said(refusal),
        GrantState=GrantState,
    )


@pages.does("/accounts/<uuid:user_id>/signing", needs=Act.GRANT_SIGNING)
def grant(user_id: UUID) -> ResponseReturnValue:
    """Grant it."""
    return submit(
        service.GrantSigning,
        service.grant,
        then=lambda user: _back(user, _("Granted to {name}.", name=user.name)),
        again=lambda refusal: person_page(user_id, refusal),
        given={"user_id": user_id},
    )


@pages.does("/accounts/<uuid:user_id>/signing/withdraw", needs=Act.GRANT_SIGNING)
def withdraw(user_id: UUID) -> ResponseReturnValue:
    """Take one away, at once."""
    return submit(
        service.WithdrawSigning,
        service.withdraw,
        then=lambda user: _back(user, _("Withdrawn: {name} signs nothing on it from this moment on.", name=user.name)),
        again=lambda refusal: person_page(user_id, refusal),
        given={"user_id": user_id},
    )


def _back(user: User, text: str) -> ResponseReturnValue:
    flash(text, "success")
    return redirect(url_for("signing.person_page", user_id=user.id), 303)


# --- one's own -------------------------------------------------------------------------------------------------------


@pages.shows("/signing/mine", needs=SIGNED_IN)
def mine_page() -> ResponseReturnValue:
    """Show somebody his own authority and how he stands to the agreement."""
    session, who, now = look(), actor(), clock.now()
    assert who.user_id is not None  # noqa: S101  (nobody else is signed in)
    return render_template(
        "signing/mine.html",
        rows=shapes.rows(session, queries.grants_of(session, who.user_id), now),
        person=queries.person(session, accounts.user(session, who.user_id), now),
        managers=queries.managers(session, who.organisation_id, but=who.user_id) if who.organisation_id else [],
        standing=queries.standing(session, who.user_id, now),
        Due=Due,
        GrantState=GrantState,
    )


# --- the agreement ---------------------------------------------------------------------------------------------------


@pages.shows("/signing/agreement", needs=SIGNED_IN)
def agreement_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the agreement that is in force, or an earlier version; have it accepted where that is still to come."""
    session, who, now = look(), actor(), clock.now()
    assert who.user_id is not None  # noqa: S101
    standing = queries.standing(session, who.user_id, now)
    shown = _version() or standing.agreement
    return render_template(
        "signing/agreement.html",
        agreement=shown,
        paragraphs=shapes.paragraphs(shown),
        current=shown.version == standing.agreement.version,
        standing=standing,
        signs=bool(signatures_of(who.roles)),
        back=local_path(back) if (back := request.values.get("next")) else "",
        Due=Due,
        problems=said(refusal),
    )


@pages.does("/signing/agreement", needs=SIGNED_IN)
def accept() -> ResponseReturnValue:
    """Accept it, and go back to where it was asked for."""
    version = request.form.get("agreement", "")
    refusal = reauth.bind_to(int(version) if version.isdecimal() and len(version) < 10 else 0)
    if refusal is not None:
        answer = make_response(agreement_page(refusal))
        locked = any(one.code == "account.locked" for one in refusal.problems)
        answer.status_code = 429 if locked else status_of(refusal)
        return answer
    flash(_("The agreement is accepted. You can sign now."), "success")
    return redirect(local_path(request.form.get("next") or url_for("signing.mine_page")), 303)


def _version() -> Agreement | None:
    text = request.args.get("version", "")
    if not text:
        return None
    found = queries.agreement(look(), int(text)) if text.isdecimal() and len(text) < 10 else None
    if found is None:
        raise unknown()
    return found


@pages.shows("/signing/agreements", needs=Act.SET_POLICY)
def agreements_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """List the versions of the agreement; put the next one in force."""
    versions = queries.agreements(look())
    return render_template(
        "signing/agreements.html",
        versions=versions,
        newest=versions[0],
        today=_today(),
        values=request.form if refusal else {},
        problems=said(refusal),
    )


@pages.does("/signing/agreements", needs=Act.SET_POLICY)
def issue() -> ResponseReturnValue:
    """Put it in force."""

    def done(made: Agreement) -> ResponseReturnValue:
        text = _("Version {n} of the agreement is in force from {day} on.", n=made.version, day=made.in_force_from)
        flash(text, "success")
        return redirect(url_for("signing.agreements_page"), 303)

    return submit(service.IssueAgreement, service.issue, then=done, again=agreements_page)


def _today() -> date:
    return local_day(clock.now())
