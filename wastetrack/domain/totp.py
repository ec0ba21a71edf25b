"""One-time codes that follow the clock (RFC 6238): which time steps count, and how a code is typed.

The codes themselves come from the library; here stands what RFC 6238 leaves to the one who checks: how far two clocks
may be apart (5.2: one step), and that a code is good for one use only (5.2).
"""

from datetime import datetime, timedelta

from wastetrack.domain.typed_text import compact

STEP = timedelta(seconds=30)
DIGITS = 6
DRIFT = 1
RECOVERY_CODES = 10
PENDING = timedelta(minutes=5)
"""So long after the right password the code may still come."""


def step_of(now: datetime) -> int:
    """Return the number of the time step."""
    return int(now.timestamp() // STEP.total_seconds())


def open_steps(now: datetime, last_used: int) -> list[int]:
    """Return the steps whose code would be taken now: one step to either side, and none up to the last one used."""
    present = step_of(now)
    nearest_first = sorted(range(present - DRIFT, present + DRIFT + 1), key=lambda step: abs(step - present))
    return [step for step in nearest_first if step > last_used]


def read_code(text: str) -> str:
    """Return what was typed as codes are compared: no spaces and dashes, no full-width digits, capitals."""
    return compact(text)
