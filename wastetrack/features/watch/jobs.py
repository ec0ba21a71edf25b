"""Scheduled work of the storage watch."""

from wastetrack.features.watch import service
from wastetrack.infra.work import Work


def sweep(work: Work) -> int:
    """Open every alert whose moment has come; return how many."""
    return service.sweep(work)
