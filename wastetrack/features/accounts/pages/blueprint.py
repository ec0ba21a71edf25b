"""The one list of this feature's addresses; the other files of this folder fill it."""

from wastetrack.web.routing import Pages

pages = Pages("accounts", __name__)
