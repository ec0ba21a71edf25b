"""The security policy of an installation: what passwords must be, who needs a second factor, how long a proof lasts.

Two schools contradict each other. The national rules for classified protection (GB/T 22239-2019, 8.1.4.1 a) ask for
complexity and regular change; NIST SP 800-63B (5.1.1.2) asks for length and a list of common passwords, and advises
against both. An installation chooses; the first is the default.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from wastetrack.domain.access import ADMINISTRATORS, REGULATORS, Role
from wastetrack.domain.words import N_, Term


class PasswordRules(Term):
    """Which school the passwords follow."""

    CLASSIFIED = "classified_protection", N_("Classified protection (GB/T 22239): complexity and regular change")
    MODERN = "modern", N_("Modern (NIST SP 800-63B): length and a list of common passwords")


class SecondFactorRule(Term):
    """Whether somebody may go without a second factor."""

    REQUIRED = "required", N_("Required for regulators, administrators and those who sign")
    OFFERED = "offered", N_("Offered to everybody, required of nobody")


class Assurance(Term):
    """How surely the person behind an act is who he says."""

    PASSWORD = "password", N_("password")
    PASSWORD_AND_CODE = "password_code", N_("password and one-time code")


SECOND_FACTOR_ROLES = ADMINISTRATORS | REGULATORS | {Role.MANAGER, Role.ATTENDANT}
"""Who sees most and who signs for an organisation."""


@dataclass(frozen=True)
class Policy:
    """What the security administrator has chosen; a fresh installation has these values."""

    passwords: PasswordRules = PasswordRules.CLASSIFIED
    change_after_days: int = 90
    remembered: int = 5
    least_length: int = 12
    second_factor: SecondFactorRule = SecondFactorRule.REQUIRED
    signing_minutes: int = 15
    longest_grant_days: int = 0
    """How long an authority to sign may last; 0 sets no bound, so that it may be open."""
    agreement_grace_days: int = 14
    """How long an earlier version of the agreement on electronic signatures does when a new one is in force."""


def needs_second_factor(policy: Policy, roles: Collection[Role]) -> bool:
    """Tell whether somebody in these roles must have a second factor."""
    return policy.second_factor is SecondFactorRule.REQUIRED and bool(SECOND_FACTOR_ROLES & set(roles))


def is_worn(policy: Policy, changed_at: datetime, now: datetime) -> bool:
    """Tell whether a password is so old that it has to be changed; only where the national rules are followed."""
    rotates = policy.passwords is PasswordRules.CLASSIFIED
    return rotates and now - changed_at >= timedelta(days=policy.change_after_days)


def still_proven(policy: Policy, proven_at: datetime, now: datetime) -> bool:
    """Tell whether the person has shown recently enough who he is, so that he may sign without showing it again."""
    return now - proven_at < timedelta(minutes=policy.signing_minutes)
