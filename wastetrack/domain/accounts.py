"""Accounts: which roles fit where, how long failures lock and whom, when a session ends.

Lengths and limits follow 等级保护 2.0 (GB/T 22239-2019, 8.1.4.1: complexity, failures, idle sessions) and NIST
SP 800-63B where it is kinder; the figures themselves are house figures.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from wastetrack.domain.access import ADMINISTRATORS, REGULATORS, Role
from wastetrack.domain.parties import OrganisationKind
from wastetrack.domain.problems import Kind, Problem, refuse
from wastetrack.domain.regions import covers
from wastetrack.domain.typed_text import narrow, quoted
from wastetrack.domain.words import N_

FREE_FAILURES = 5
"""So many sign-ins may fail before the next one has to wait."""
FREE_TOGETHER = 100
"""So many may fail under one name from all strangers together (NIST SP 800-63B, 5.2.2), wherever each comes from."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGIVEN_AFTER = timedelta(hours=24)

IDLE = timedelta(hours=2)
"""A session that was not used for so long has ended."""
LONGEST_SESSION = timedelta(hours=12)
"""A session ends after so long in any case: one working day."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly the last use of a session is kept."""

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{2,59}")

_K = OrganisationKind
FITS: dict[Role, frozenset[OrganisationKind]] = {
    Role.COLLECTOR: frozenset({_K.HOSPITAL, _K.CLINIC, _K.ENTERPRISE, _K.LABORATORY}),
    Role.MANAGER: frozenset(_K) - {_K.AUTHORITY},
    Role.CLINIC: frozenset({_K.CLINIC}),
    Role.DRIVER: frozenset({_K.CARRIER}),
    Role.ATTENDANT: frozenset({_K.STATION, _K.HUB}),
    Role.OPERATOR: frozenset({_K.DISPOSER}),
}
"""The kinds of organisation for which a role makes sense. Regulators have a region instead, administrators neither."""


@dataclass(frozen=True)
class Scope:
    """For whom an account acts: an organisation with its kinds, a region, or (neither) the platform."""

    kinds: frozenset[OrganisationKind] | None = None
    region: bool = False


def roles_for(scope: Scope) -> list[Role]:
    """Return the roles an account of this scope may hold, in the order of the table."""
    if scope.kinds is not None:
        return [role for role in Role if FITS.get(role, frozenset()) & scope.kinds]
    return [role for role in Role if role in (REGULATORS if scope.region else ADMINISTRATORS)]


def role_problems(roles: Collection[Role], scope: Scope, *, names_crew: bool = False) -> list[Problem]:
    """Return what is wrong with the roles of an account. Nobody holds two of the three administrators' roles."""
    if not roles:
        return [Problem("account.roles", N_("Choose at least one role."), field="roles")]
    problems = []
    fitting = roles_for(scope)
    for role in Role:
        if role in roles and role not in fitting:
            sentence = N_(
                "The role “{role}” does not fit here. Choose another role, or another organisation or region."
            )
            problems.append(Problem("account.role_fit", sentence, {"role": role}, "roles"))
    if REGULATORS & set(roles) and Role.REGULATOR not in roles:
        sentence = N_("Whoever inspects, approves or commands in a region has to see it. Add the role “{role}”.")
        problems.append(Problem("account.regulator", sentence, {"role": Role.REGULATOR}, "roles"))
    if len(ADMINISTRATORS & set(roles)) > 1:
        sentence = N_("System, security and audit administration are three separate persons. Choose one of them.")
        basis = "GB/T 22239-2019 8.1.5"
        problems.append(Problem("account.one_administrator", sentence, field="roles", basis=basis))
    if (Role.DRIVER in roles) != names_crew:
        sentence = (
            N_("Choose which member of the crew this account belongs to.")
            if Role.DRIVER in roles
            else N_("Only a driver or escort is a member of the crew. Leave the crew member empty, or add the role.")
        )
        problems.append(Problem("account.crew", sentence, field="crew_id"))
    return problems


def console_problems(roles: Collection[Role]) -> list[Problem]:
    """Return why an account is not to be made, or its password reset, through the site: an administrator's is not.

    Whoever hands out a password can use it; so one administrator would become another.
    """
    if not ADMINISTRATORS & set(roles):
        return []
    sentence = N_(
        "An administrator's account is made, and its password reset, only at the console of the server: otherwise one "
        "administrator could become another. Ask the platform operator."
    )
    return [Problem("account.console_only", sentence, kind=Kind.FORBIDDEN, basis="GB/T 22239-2019 8.1.5")]


def same_person_problem() -> Problem:
    """Say that somebody of this name already is an administrator of another kind."""
    sentence = N_(
        "An administrator of another kind has this name, and nobody may be two of the three. If it is a namesake, add "
        "something to the name that tells them apart."
    )
    return Problem("account.same_person", sentence, field="name", kind=Kind.CONFLICT, basis="GB/T 22239-2019 8.1.5")


KEEPERS = frozenset({Role.MANAGER}) | ADMINISTRATORS
"""Roles of which one has to remain: without its last manager nobody of an organisation could keep its accounts."""


def covers_day(since: date | None, until: date | None, day: date | None) -> bool:
    """Tell whether a right that runs between two days, both included, holds on a day; what is not named has no end.

    Without a day only what has no dates at all holds.
    """
    if day is None:
        return since is None and until is None
    return (since is None or since <= day) and (until is None or day <= until)


def region_problems(own: str, wanted: str, since: date | None, until: date | None, today: date) -> list[Problem]:
    """Return what speaks against a regulator's covering a further region; both are given as supervision paths."""
    problems = []
    if covers(own, wanted):
        sentence = N_("This region lies within the one the account has already. Choose one outside it.")
        problems.append(Problem("account.region_inside", sentence, field="region_code"))
    if since and until and until < since:
        sentence = N_("The last day is before the first. Swap them or leave one out.")
        problems.append(Problem("account.days_swapped", sentence, field="until"))
    elif until and until < today:
        sentence = N_("The last day is over already. Choose a later one, or leave it out.")
        problems.append(Problem("account.days_over", sentence, field="until"))
    return problems


def parse_username(text: str, field: str = "username") -> str:
    """Read a username; small and capital letters are the same."""
    name = normal_username(text)
    if not _USERNAME.fullmatch(name):
        raise refuse(
            "account.username",
            N_("{typed} cannot be a username. Use 3 to 60 letters and digits, and if need be . _ @ or -"),
            field=field,
            typed=quoted(text),
        )
    return name


def normal_username(text: str) -> str:
    """Return what is typed at sign-in as usernames are kept."""
    return narrow(text).lower()


def failures_now(failures: int, last_at: datetime, now: datetime) -> int:
    """Return how many failures still count: after a day without one they are forgiven."""
    return failures if now - last_at < FORGIVEN_AFTER else 0


def wait_after(failures: int, free: int = FREE_FAILURES) -> timedelta:
    """Return how long to wait after so many failures: it doubles, up to a quarter of an hour."""
    if failures < free:
        return timedelta(0)
    doublings = min(failures - free, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


@dataclass(frozen=True)
class Origin:
    """Where an attempt to sign in comes from. Failures count where they come from, so that nobody locks others out.

    A device on which this very person signed in before has a counter of its own, which no stranger reaches. All others
    count by their block of addresses, and together up to FREE_TOGETHER: guessing from a thousand places ends, too, and
    locks no device that the person uses already. Whoever is signed in, and shows again who he is, counts for himself.
    """

    address: str = ""
    device: str = ""
    signed_in: bool = False

    def counters(self) -> list[tuple[str, int]]:
        """Return under which names a failure counts, each with how many are free."""
        if self.signed_in:
            return [("signed in", FREE_FAILURES)]
        if self.device:
            return [(f"device {self.device}", FREE_FAILURES)]
        return [(f"address {address_block(self.address)}", FREE_FAILURES), ("strangers", FREE_TOGETHER)]


def address_block(address: str) -> str:
    """Return the block of addresses that one household or office can change between at will: /24, or /56 of IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network(f"{found}/{24 if found.version == 4 else 56}", strict=False))


def is_over(expires_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Tell whether a session has ended, by its age or because nobody used it."""
    return now >= expires_at or now - seen_at >= IDLE
