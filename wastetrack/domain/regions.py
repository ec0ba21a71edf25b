"""Administrative divisions and who supervises whom.

A division has two places. Its *parent* is the administrative one, as the official codes have it. Its *supervision*
place is where the regulator's view begins and ends. They differ for 辛集 and 定州, which the province supervises
directly, and for the three counties of 雄安新区: so supervision is data, and no prefix of a code decides it.

A supervision path names every division from the province down, such as `/130000/130100/130102/`. One division is
within another exactly when its path begins with the other's, the closing slash included.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from wastetrack.domain.words import N_, Term

_SLASH = "/"
_AFTER_SLASH = "0"
"""The character that follows the slash in ASCII."""


class Level(Term):
    """The levels of divisions, from above."""

    PROVINCE = "province", N_("province")
    CITY = "city", N_("city or prefecture")
    COUNTY = "county", N_("county or district")
    TOWNSHIP = "township", N_("township or street")
    VILLAGE = "village", N_("village or community")

    @property
    def depth(self) -> int:
        """Return how far below the country it is: 1 for a province."""
        return list(Level).index(self) + 1


@dataclass(frozen=True)
class Place:
    """A division's two places in the order of things; `supervised_by` only where it differs from the parent."""

    parent: str | None
    supervised_by: str | None = None

    @property
    def supervisor(self) -> str | None:
        """Return the division directly above in supervision, None for a province."""
        return self.supervised_by or self.parent


def supervision_paths(places: Mapping[str, Place]) -> dict[str, str]:
    """Return the supervision path of every division. One that hangs on nothing, or on itself, is a mistake in the data.

    Each chain is walked up only as far as it is not yet known, so the work grows with the number of divisions.
    """
    paths: dict[str, str] = {}
    for start in places:
        chain: dict[str, None] = {}
        code: str | None = start
        while code is not None and code not in paths:
            if code in chain:
                raise ValueError(f"division {code} is above itself")
            if code not in places:
                raise ValueError(f"division {code} is unknown, named by {next(reversed(chain))}")
            chain[code] = None
            code = places[code].supervisor
        path = paths[code] if code is not None else _SLASH
        for below in reversed(chain):
            path = paths[below] = f"{path}{below}{_SLASH}"
    return paths


def covers(scope: str, path: str) -> bool:
    """Tell whether the division with supervision path `path` is the one with path `scope`, or lies below it."""
    return len(scope) > 1 and path.startswith(scope)


def path_range(scope: str) -> tuple[str, str]:
    """Return the bounds (lower included, upper not) between which exactly the covered paths sort, in ASCII order."""
    return scope, scope.removesuffix(_SLASH) + _AFTER_SLASH


def codes_in(path: str) -> tuple[str, ...]:
    """Return the codes of a supervision path, from the province down to the division itself."""
    return tuple(code for code in path.split(_SLASH) if code)
