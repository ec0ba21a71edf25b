"""Organisations and people for tests, made through the services."""

from dataclasses import replace
from itertools import count
from typing import Any

from tests.world import offered
from wastetrack.domain.access import ADMINISTRATORS, SYSTEM, Actor, Role
from wastetrack.domain.credit_code import check_character
from wastetrack.domain.parties import OrganisationKind
from wastetrack.features.accounts import queries as accounts_queries
from wastetrack.features.accounts import service as accounts
from wastetrack.features.accounts.models import User
from wastetrack.features.accounts.service import CreateAccount
from wastetrack.features.parties import service
from wastetrack.features.parties.models import Organisation
from wastetrack.features.parties.service import CreateOrganisation
from wastetrack.infra.work import Work

COUNTY = "130102"
"""长安区 of 石家庄市."""
OTHER_COUNTY = "130702"
"""桥东区 of 张家口市."""
PASSWORD = "Correct-horse-7"

SYSTEM_ADMIN = Actor(None, "演示系统管理员", frozenset({Role.SYSTEM_ADMIN}))
SECURITY_ADMIN = Actor(None, "演示安全管理员", frozenset({Role.SECURITY_ADMIN}))

_serial = count(1)


def credit_code() -> str:
    """Return a credit code with the right check character, another one each time."""
    first17 = f"9113010200{next(_serial):07d}"
    return first17 + check_character(first17)


def organisation_facts(*kinds: OrganisationKind, **given: Any) -> dict[str, Any]:
    """Return what a command or a form for an organisation needs."""
    return {
        "name": "演示单位",
        "kinds": list(kinds) or [OrganisationKind.HOSPITAL],
        "credit_code": credit_code(),
        "region_code": COUNTY,
        "address": "演示路1号",
        "contact": "演示联系人",
        "phone": "0311-00000000",
        "emergency_phone": "0311-00000001",
        **given,
    }


def organisation(work: Work, *kinds: OrganisationKind, **given: Any) -> Organisation:
    """Enter an organisation."""
    return service.create_organisation(work, CreateOrganisation(**organisation_facts(*kinds, **given)))


def account(work: Work, username: str, *roles: Role, password: str = PASSWORD, **given: Any) -> User:
    """Make an account that may be used at once, with a password alone."""
    offered(work)
    command = CreateAccount(username=username, name=f"演示{username}", roles=frozenset(roles), **given)
    if command.roles & ADMINISTRATORS:
        console = replace(work, actor=SYSTEM)
        return accounts.create_administrator(console, command, password=password, must_change=False)[0]
    user, _none = accounts.create_account(work, command, password=password, must_change=False)
    return user


def person(work: Work, username: str, *roles: Role, **given: Any) -> Actor:
    """Make an account and return who it is."""
    return accounts_queries.actor_of(work.session, account(work, username, *roles, **given).id)
