"""Damage on the way 运输途中破损: declared by the driver, seen by all sides, and put into another container there.

A container of hazardous waste is whole and closed when it moves (Medical Waste Regulation, Art. 16; HJ 421-2008), and
whoever carries waste prevents that it leaks or is scattered (Ecological Environment Code, Art. 536).
"""

from collections.abc import Sequence

from wastetrack.domain.containers import State
from wastetrack.domain.manifests import State as ManifestState
from wastetrack.domain.papers import named
from wastetrack.domain.problems import Kind, Problem
from wastetrack.domain.words import N_

ON_THE_WAY = frozenset({ManifestState.IN_TRANSIT, ManifestState.ARRIVED})
"""From departure until the receipt is signed: only then a container is repacked on the vehicle."""


def declaring_problems(state: State, code: str, *, already: bool) -> list[Problem]:
    """Return why the driver cannot declare a container damaged: it is not on his vehicle, or he did before."""
    if already:
        sentence = N_(
            "It is already recorded that container {code} is damaged. Go on with what is to be done about it."
        )
        return [Problem("damage.already", sentence, {"code": code}, "code", Kind.CONFLICT)]
    if state is not State.LOADED:
        sentence = N_("Container {code} is not on your vehicle, so you cannot declare it damaged. Check the label.")
        return [Problem("damage.not_aboard", sentence, {"code": code}, "code", Kind.CONFLICT)]
    return []


def repacking_problems(state: State, code: str, *, damaged: bool, manifest: ManifestState) -> list[Problem]:
    """Return why a container is not repacked on the vehicle: only what is damaged, and only on the way."""
    if manifest not in ON_THE_WAY:
        sentence = N_(
            "The vehicle is not on its way. Before departure take {code} off the vehicle: the consignor repacks it."
        )
        return [Problem("damage.not_on_the_way", sentence, {"code": code}, "code", Kind.CONFLICT)]
    if state is not State.LOADED or not damaged:
        sentence = N_("Only a damaged container on the vehicle is repacked there. Declare {code} damaged first.")
        return [Problem("damage.whole", sentence, {"code": code}, "code", Kind.CONFLICT)]
    return []


def loading_problems(code: str, *, damaged: bool) -> list[Problem]:
    """Return whether a container is damaged and so stays where it is."""
    if not damaged:
        return []
    sentence = N_("Container {code} is damaged. It is not loaded before its consignor has repacked it: leave it here.")
    return [Problem("damage.not_loaded", sentence, {"code": code}, "code", Kind.CONFLICT)]


def departing_problems(damaged: Sequence[str]) -> list[Problem]:
    """Return whether something damaged, named by its codes, is on the vehicle that has not left yet."""
    if not damaged:
        return []
    sentence = N_("Damaged and on the vehicle: {codes}. Take it off: the consignor repacks it before it travels.")
    return [Problem("damage.aboard", sentence, {"codes": named(damaged)}, kind=Kind.CONFLICT)]
