"""Scheduled work on accounts."""

from wastetrack.features.accounts import service
from wastetrack.infra.work import Work


def forget_ended(work: Work) -> int:
    """Delete sessions that have ended and failures that are forgiven."""
    return service.forget_ended(work)
