"""Bulk import: what can be imported, by whom, how an import goes, what becomes of a row, which rows repeat others."""

from collections.abc import Mapping, Sequence

from wastetrack.domain.access import Act
from wastetrack.domain.problems import Problem
from wastetrack.domain.words import N_, Term


class ImportKind(Term):
    """What a file holds: one kind of thing, one row for each."""

    ORGANISATIONS = "organisations", N_("Organisations")
    SITES = "sites", N_("Sites and stores")
    VEHICLES = "vehicles", N_("Vehicles")
    CREW = "crew", N_("Drivers and escorts")
    LICENCES = "licences", N_("Licences")
    USERS = "users", N_("Accounts")
    CONTAINERS = "containers", N_("Containers")

    @property
    def act(self) -> Act:
        """Return the right that somebody needs who imports this; each row needs also that of the act by hand."""
        if self is ImportKind.CONTAINERS:
            return Act.IMPORT_WASTE
        return Act.MANAGE_ACCOUNTS if self is ImportKind.USERS else Act.MANAGE_PARTIES

    @property
    def own(self) -> bool:
        """Tell whether such a file is sent for the sender's own organisation, and is nobody else's to see."""
        return self is ImportKind.CONTAINERS


class ImportState(Term):
    """How far an import is."""

    CHECKING = "checking", N_("is being checked")
    CHECKED = "checked", N_("checked, not yet saved")
    IMPORTING = "importing", N_("is being saved")
    DONE = "done", N_("imported")
    STOPPED = "stopped", N_("stopped")
    DISCARDED = "discarded", N_("given up")


UNDER_WAY = frozenset({ImportState.CHECKING, ImportState.IMPORTING})


class Verdict(Term):
    """What becomes of a row."""

    NEW = "new", N_("new")
    CHANGED = "changed", N_("changed")
    SAME = "same", N_("already there, equal")
    DIFFERS = "differs", N_("already there, differs, left as it is")
    WRONG = "wrong", N_("wrong")


SMALL = 200
"""So many rows are done while the person waits; a longer file is done beside the site (house figure)."""


def repeated(keys: Mapping[int, str], contents: Mapping[int, Sequence[str]]) -> dict[int, Problem]:
    """Return a problem for each row that names the same thing as another row of its file.

    Where the rows say the same, the first stands and the others are too many. Where they say different things
    nobody knows which is right, so none of them stands.
    """
    together: dict[str, list[int]] = {}
    for number, key in keys.items():
        if key:
            together.setdefault(key, []).append(number)
    found: dict[int, Problem] = {}
    for numbers in together.values():
        first = numbers[0]
        if all(contents[number] == contents[first] for number in numbers):
            sentence = N_("This row repeats row {first}. Leave one of them out.")
            found |= {number: Problem("import.repeated", sentence, {"first": first}) for number in numbers[1:]}
            continue
        sentence = N_("Row {other} names the same thing and says something else. Leave only the right one.")
        found |= {
            number: Problem("import.contradicted", sentence, {"other": numbers[1] if number == first else first})
            for number in numbers
        }
    return found
