"""What becomes of accounts on the whole day of `tests.whole`: every one of their tables comes to hold something."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.conftest import NOON
from tests.whole_parties import TODAY
from tests.world import OTHER_CITY, OTHER_COUNTY
from wastetrack.domain.access import Role
from wastetrack.features.accounts import service as accounts
from wastetrack.features.signing import service as signing
from wastetrack.features.signing.models import SigningGrant

if TYPE_CHECKING:
    from tests.whole import Day

SECURITY = "security_admin"


def the_people(day: "Day") -> None:
    """Once the day's work is done: accounts are made and changed, others act for them, one leaves unfollowed."""
    _regions(day)
    _newcomer(day)
    _mandates(day)
    _handovers(day)
    gone = {"user_id": day.world.people["factory"].user_id, "active": False}
    day.act(SECURITY, accounts.set_active, accounts.SetActive, 20, **gone, emergency=True, reason="离职，无人接任")


def _regions(day: "Day") -> None:
    """A regulator covers two further regions; one is taken away."""
    who = {"user_id": day.world.people["town"].user_id}
    until = {"since": TODAY, "until": TODAY + timedelta(days=30), "reason": "代管"}
    for region in (OTHER_COUNTY, OTHER_CITY):
        day.act(SECURITY, accounts.add_region, accounts.AddRegion, 14, **who, region_code=region, **until)
    gone = {"region_code": OTHER_CITY, "reason": "代管结束"}
    day.act(SECURITY, accounts.take_region, accounts.TakeRegion, 15, **who, **gone)


def _newcomer(day: "Day") -> None:
    """Somebody is invited twice and gets other roles, with what he may sign; he is given a password."""
    hospital = {"organisation_id": day.world.id("hospital")}
    invite = accounts.invite, accounts.Invite
    user, _link = day.act("manager", *invite, 14, name="演示新人", roles={Role.MANAGER}, **hospital)
    day.act("manager", accounts.renew_invitation, accounts.RenewInvitation, 15, user_id=user.id)
    roles = {"roles": {Role.COLLECTOR}, "reason": "换岗"}
    day.act(SECURITY, accounts.change_roles, accounts.ChangeRoles, 16, user_id=user.id, **roles)
    day.act(SECURITY, accounts.reset_password, accounts.ResetPassword, 17, user_id=user.id)
    with day.work_as(day.world.people[SECURITY], NOON + timedelta(hours=18)) as work:
        who = day.world.people["operator"].user_id
        grant = work.session.query(SigningGrant).filter_by(user_id=who).first()
        assert grant is not None
        command = signing.WithdrawSigning(user_id=who, grant_id=grant.id, reason="换岗")
        signing.withdraw(work, command)


def _mandates(day: "Day") -> None:
    """The hospital authorises somebody of the factory: once accepted and given back, once declined, once withdrawn."""
    person = day.world.people["factory"]
    days = {"since": TODAY, "until": TODAY + timedelta(days=60), "reason": "代管暂存间"}
    given = {"username": "factory", "name": person.name, "roles": {Role.COLLECTOR}, **days}
    for accept, end in ((True, True), (False, False), (True, False)):
        mandate = day.act("manager", accounts.give_mandate, accounts.GiveMandate, 14, **given)
        which = {"mandate_id": mandate.id}
        day.act("factory", accounts.answer_mandate, accounts.AnswerMandate, 15, accept=accept, **which)
        if end:
            day.act("factory", accounts.give_back_mandate, accounts.GiveBackMandate, 16, **which)
    day.act("manager", accounts.withdraw_mandate, accounts.WithdrawMandate, 17, reason="另有安排", **which)


def _handovers(day: "Day") -> None:
    """The manager hands over: once it is refused, once taken back, once taken over."""
    to = {"organisation_id": day.world.id("hospital"), "successor_id": day.world.people["collector"].user_id}
    ask = accounts.ask_handover, accounts.AskHandover
    for accept in (False, True):
        one, _who, _link = day.act("manager", *ask, 18, reason="调离", keeps={Role.MANAGER}, **to)
        which = {"handover_id": one.id}
        day.act("collector", accounts.answer_handover, accounts.AnswerHandover, 19, accept=accept, **which)
