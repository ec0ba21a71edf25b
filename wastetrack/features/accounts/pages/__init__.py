"""Signing in, the own security, accounts as others keep them, the security policy."""

from wastetrack.features.accounts.pages import (
    admitting,
    door,
    handovers,
    invited,
    kept,
    mandates,
    moved,
    own,
    policy,
    regions,
    unmanaged,
)
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.pages.first import lead
from wastetrack.features.accounts.pages.own import show_again

__all__ = [
    "admitting",
    "door",
    "handovers",
    "invited",
    "kept",
    "lead",
    "mandates",
    "moved",
    "own",
    "pages",
    "policy",
    "regions",
    "show_again",
    "unmanaged",
]
