"""Signing in, the own security, accounts as others keep them, the security policy."""

from wastetrack.features.accounts.pages import admitting, door, invited, kept, moved, own, policy, regions
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.pages.own import show_again

__all__ = ["admitting", "door", "invited", "kept", "moved", "own", "pages", "policy", "regions", "show_again"]
