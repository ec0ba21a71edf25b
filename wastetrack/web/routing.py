"""Routes that say who may use them. A route without that does not start."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask

from wastetrack.domain.access import Act

PUBLIC = "public"
"""For a route that anyone may call without signing in."""

SIGNED_IN = "signed_in"
"""For a route that needs an account, whatever its roles."""

Needs = Act | tuple[Act, ...] | str
View = Callable[..., Any]


class Pages(Blueprint):
    """A feature's pages. `needs` is the act of the rights table that the page serves; several mean: any of them."""

    def __init__(self, name: str, import_name: str) -> None:
        """Name the blueprint after its feature."""
        super().__init__(name, import_name)

    def shows(self, rule: str, *, needs: Needs, **options: Any) -> Callable[[View], View]:
        """Register a page that only shows (GET)."""
        return self._guarded(rule, "GET", needs, options)

    def does(self, rule: str, *, needs: Needs, **options: Any) -> Callable[[View], View]:
        """Register an address that changes something (POST)."""
        return self._guarded(rule, "POST", needs, options)

    def _guarded(self, rule: str, method: str, needs: Needs, options: dict[str, Any]) -> Callable[[View], View]:
        def register(view: View) -> View:
            view.needs = needs  # type: ignore[attr-defined]
            self.route(rule, methods=[method], **options)(view)
            return view

        return register


def needs_of(app: Flask, endpoint: str) -> Needs | None:
    """Return what an endpoint needs; None when nobody has said so."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return PUBLIC
    return getattr(app.view_functions[endpoint], "needs", None)


def check_all_guarded(app: Flask) -> None:
    """Stop the start when a route neither names its act nor is declared public."""
    open_doors = sorted({rule.endpoint for rule in app.url_map.iter_rules() if needs_of(app, rule.endpoint) is None})
    if open_doors:
        raise RuntimeError(f"routes without access rule: {', '.join(open_doors)}")
