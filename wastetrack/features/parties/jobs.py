"""Scheduled work on the parties."""

from wastetrack.features.parties import service
from wastetrack.infra.work import Work


def forget_requests(work: Work) -> int:
    """Delete requests to be admitted that were decided long ago."""
    return service.forget_requests(work)
