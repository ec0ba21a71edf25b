"""Alerts as people read them: the sentence in the reader's language, its legal basis, what clears it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.domain.alerts import (
    AlertState,
    Limit,
    Severity,
    Subject,
    cleared_by,
    legal_basis,
    sentence,
    severity,
)
from wastetrack.domain.container_code import ContainerCode, pretty
from wastetrack.domain.measures import Grams
from wastetrack.domain.problems import Fact
from wastetrack.domain.times import local_day
from wastetrack.features.watch.models import Alert
from wastetrack.infra.i18n import _, show


@dataclass(frozen=True)
class Notice:
    """One alert in words. `code` is the container it is about, as stored, where it is about one."""

    id: UUID
    limit: Limit
    severity: Severity
    text: str
    basis: str
    clears: str
    organisation: str
    subject: Subject
    subject_id: UUID
    code: str | None
    year: int | None
    since: datetime
    cleared_at: datetime | None


def notices(alerts: Sequence[Alert], names: dict[UUID, str], now: datetime) -> list[Notice]:
    """Put alerts into words; `names` are those of the organisations."""
    return [notice(alert, names.get(alert.organisation_id, ""), now) for alert in alerts]


def notice(alert: Alert, organisation: str, now: datetime) -> Notice:
    """Put one alert into words in the reader's language."""
    facts = json.loads(alert.facts)
    basis = legal_basis(alert.limit, local_day(alert.threshold_at))
    local = [str(facts[name]) for name in ("region", "document") if facts.get(name)]
    return Notice(
        id=alert.id,
        limit=alert.limit,
        severity=severity(alert.threshold_at, now, alert.limit),
        text=_(sentence(alert.limit, facts), threshold=alert.threshold_at, **_spoken(facts)),
        basis=" · ".join([*(_(one) for one in basis), *local]),
        clears=_(cleared_by(alert.limit, facts)),
        organisation=organisation,
        subject=alert.subject,
        subject_id=alert.subject_id,
        code=facts.get("code"),
        year=facts.get("year"),
        since=alert.threshold_at,
        cleared_at=alert.cleared_at if alert.state is AlertState.CLEARED else None,
    )


def _spoken(facts: dict[str, object]) -> dict[str, Fact]:
    """Turn stored facts into what a sentence takes: masses as masses, codes in groups, limits in a line."""
    said: dict[str, Fact] = {name: str(fact) for name, fact in facts.items() if fact is not None}
    if isinstance(mass := facts.get("mass_g"), int):
        said["mass"] = Grams(mass)
    if isinstance(code := facts.get("code"), str):
        said["code"] = pretty(ContainerCode(code))
    limits = []
    if isinstance(most := facts.get("limit_g"), int):
        limits.append(show(Grams(most)))
    if isinstance(number := facts.get("limit_count"), int):
        limits.append(_("{n} {n:container|containers}", n=number))
    if isinstance(litres := facts.get("limit_l"), int):
        limits.append(f"{litres} L")
    return {"number": "—", "limit": " / ".join(limits)} | said
