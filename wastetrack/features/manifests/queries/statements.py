"""The words over the three signatures of a manifest, in the reader's language: drawn by the page, kept for good."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy.orm import Session

from wastetrack.domain.manifests import Verdict
from wastetrack.domain.measures import kilograms
from wastetrack.domain.papers import named
from wastetrack.domain.pick_ups import Presence
from wastetrack.domain.registration import waste_words
from wastetrack.domain.signing import Signature, Statement
from wastetrack.domain.waste_codes import TreatmentMode
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.manifests.queries.sheets import Line, Sheet, sheet
from wastetrack.infra.i18n import _

_MODES = {mode.value: mode.label for mode in TreatmentMode}


def statement(session: Session, manifest: Manifest, signature: Signature) -> Statement:
    """Return the words over one of the signatures as the manifest stands now."""
    made = {
        Signature.CONSIGNOR: consignor_statement,
        Signature.CARRIER: carrier_statement,
        Signature.RECEIVER: receiver_statement,
    }
    return made[signature](sheet(session, manifest))


def consignor_statement(whole: Sheet) -> Statement:
    """Say what the consignor signs: the parties, the load, and what he states of it."""
    mode = whole.manifest.mode
    return Statement(
        Signature.CONSIGNOR,
        _("You sign this"),
        rows=(
            (_("Consignor"), f"{whole.consignor.name} · {whole.store.name}"),
            (_("Carrier"), f"{whole.carrier.name} · {whole.plates}"),
            (_("Driver"), _crew(whole)),
            (_("Receiver"), f"{whole.receiver.name} · {whole.receiver_store.name}"),
            (_("Treatment"), f"{mode} {_(_MODES[mode])}" if mode in _MODES else mode),
            (_("Load"), _amount(whole.on_board)),
            (_("Version"), str(whole.manifest.version)),
        ),
        lines=tuple(_wastes(whole.on_board)),
        sentence=_(
            "I state that the waste is as described here, weighed and labelled, and hand it to this carrier for this "
            "receiver."
        ),
        button=_("Sign part one"),
    )


def carrier_statement(whole: Sheet) -> Statement:
    """Say what the carrier signs: the vehicle, what is on it, where it goes."""
    said = [_("Not on the vehicle: {n} {n:container|containers}", n=len(whole.to_load))] if whole.to_load else []
    if whole.leg.presence is Presence.OPEN:
        said.append(_("The sign of the store was not scanned: the load will be marked as unverified."))
    return Statement(
        Signature.CARRIER,
        _("Take over and depart"),
        rows=(
            (_("Vehicle"), whole.plates),
            (_("Driver"), _crew(whole)),
            (_("Load"), _amount(whole.loaded)),
            (_("To"), f"{whole.receiver.name} · {whole.receiver_store.name}"),
        ),
        lines=tuple(said),
        sentence=_("I have checked labels and packaging, take this load over and deliver it only to this receiver."),
        button=_("Sign part two and depart"),
    )


def receiver_statement(whole: Sheet) -> Statement:
    """Say what the receiver signs: what he accepted, refused and did not find, against what was stated."""
    accepted, refused = whole.with_verdict(Verdict.ACCEPTED), whole.with_verdict(Verdict.REFUSED)
    return Statement(
        Signature.RECEIVER,
        _("Confirm the receipt"),
        rows=(
            (_("Received: {n}", n=len(accepted)), _mass(whole.accepted_g)),
            (_("Stated for what was received"), _stated(accepted)),
            (_("Refused: {n}", n=len(refused)), _stated(refused)),
            (_("Not received: {n}", n=len(whole.open)), _stated(whole.open)),
            (_("Stated by the consignor"), _mass(whole.mass_g)),
        ),
        lines=tuple(_differences(whole, refused)),
        sentence=_("I have checked kind, mass, packaging and labels against the manifest; the verdicts are as shown."),
        button=_("Sign part three"),
    )


def _differences(whole: Sheet, refused: Sequence[Line]) -> list[str]:
    """Name every container that is not simply received as it was stated."""
    said = []
    if refused:
        said.append(_("Refused are {codes}.", codes=named([line.code for line in refused])))
    if whole.open:
        said.append(_("Not received are {codes}.", codes=named([line.code for line in whole.open])))
    if boxes := whole.weighed_otherwise:
        mass, codes = kilograms(sum(line.differs_g for line in boxes)), named([line.code for line in boxes])
        said.append(_("The receiver's scale and the stated mass differ by {mass} kg: {codes}", mass=mass, codes=codes))
    return said


def _wastes(lines: Sequence[Line]) -> list[str]:
    """Say the load by waste and packaging, as the form will state it."""
    groups: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.container.waste_name, line.container.waste_code, line.container.packaging.label].append(line)
    return [
        f"{_(waste_words(code, name))} {code}: "
        + _("{n} × {packaging}, {mass} kg", n=len(rows), packaging=_(packaging), mass=_grams(rows))
        for (name, code, packaging), rows in groups.items()
    ]


def _crew(whole: Sheet) -> str:
    return f"{whole.driver.name} · {whole.escort.name}" if whole.escort else whole.driver.name


def _amount(lines: Sequence[Line]) -> str:
    return _("{n} {n:container|containers}, {mass} kg", n=len(lines), mass=_grams(lines))


def _grams(lines: Sequence[Line]) -> str:
    return kilograms(sum(line.box.stated_g for line in lines))


def _stated(lines: Sequence[Line]) -> str:
    return f"{_grams(lines)} kg"


def _mass(grams: int) -> str:
    return f"{kilograms(grams)} kg"
