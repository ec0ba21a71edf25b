"""Organisations as people see and keep them, and what belongs to them."""

from wastetrack.features.parties.pages import (
    admission,
    looking,
    organisations,
    parts,
    plans,
    region_limits,
    scans,
    signs,
    supervision,
    time_limits,
)
from wastetrack.features.parties.pages.blueprint import pages
from wastetrack.features.parties.pages.parts import ADDITIONS, CHANGES

__all__ = [
    "ADDITIONS",
    "CHANGES",
    "admission",
    "looking",
    "organisations",
    "pages",
    "parts",
    "plans",
    "region_limits",
    "scans",
    "signs",
    "supervision",
    "time_limits",
]
