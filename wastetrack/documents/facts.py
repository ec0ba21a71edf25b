"""What a printed page is made of: frozen plain data that can be stored as JSON and printed again years later.

A print must be reproducible from its stored snapshot alone, so nothing here looks anything up.
The part names follow the form 危险废物转移联单 (环办固体函〔2021〕577号) and the labels of HJ 421 and HJ 1276-2022.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any, Self, cast, get_args, get_type_hints


@dataclass(frozen=True)
class LabelFacts:
    """Everything that a container label can say; a field that is not known is left empty.

    `code` is the readable container code, `address` the upper-case address in the QR.
    `hazards` are the letters T, C, I, R, In. The second half is for hazardous waste (HJ 1276) only.
    `litres` is what the container holds, on which the size of that label depends. `copy` counts the labels that were
    printed with this code: from the second on it is named. A `blank` label leaves its entries to be written by hand.
    """

    code: str
    address: str
    producer_name: str
    waste_code: str
    mass_g: int | None = None
    kind: str = ""
    department: str = ""
    class_name: str = ""
    special_note: str = ""
    sealed_at: datetime | None = None
    must_leave_by: datetime | None = None
    produced_on: date | None = None

    waste_name: str = ""
    category: str = ""
    hazards: tuple[str, ...] = ()
    form: str = ""
    main_components: str = ""
    harmful_components: str = ""
    precautions: str = ""
    digital_code: str = ""
    contact: str = ""
    phone: str = ""
    remark: str = ""

    packaging: str = ""
    litres: int = 50
    copy: int = 1
    blank: bool = False

    @property
    def medical(self) -> bool:
        """Return whether the tag of HJ 421 applies: HJ 1276-2022 leaves HW01 to it."""
        return self.waste_code.endswith("-01")

    @property
    def copy_words(self) -> str:
        """Return how a label that is not the first one calls itself."""
        return f"补打 第{self.copy}份" if self.copy > 1 else ""


@dataclass(frozen=True)
class WasteRow:
    """One waste of part one 移出信息."""

    name: str = ""
    code: str = ""
    hazards: tuple[str, ...] = ()
    form: str = ""
    harmful_components: str = ""
    packaging: str = ""
    packages: int | None = None
    mass_g: int | None = None


@dataclass(frozen=True)
class ConsignorPart:
    """Part one 危险废物移出信息, filled by the consignor."""

    name: str = ""
    emergency_phone: str = ""
    address: str = ""
    handler: str = ""
    phone: str = ""
    handed_over_at: datetime | None = None
    rows: tuple[WasteRow, ...] = ()


@dataclass(frozen=True)
class TransportLeg:
    """Part two 危险废物运输信息, filled by the carrier; repeated for each leg. `note` e.g. 本段未执行."""

    carrier: str = ""
    permit_number: str = ""
    address: str = ""
    phone: str = ""
    driver: str = ""
    driver_phone: str = ""
    vehicle: str = ""
    plate: str = ""
    start: str = ""
    departed_at: datetime | None = None
    via: str = ""
    end: str = ""
    arrived_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True)
class ReceivedRow:
    """One waste of part three 接受信息.

    `major_difference` is None until the receiver has said; `opinion` is 接受, 部分接受, 拒收 or empty.
    """

    name: str = ""
    code: str = ""
    major_difference: bool | None = None
    difference_note: str = ""
    opinion: str = ""
    treatment: str = ""
    mass_g: int | None = None


@dataclass(frozen=True)
class ReceiverPart:
    """Part three 危险废物接受信息, filled by the receiver."""

    name: str = ""
    licence_number: str = ""
    address: str = ""
    handler: str = ""
    phone: str = ""
    accepted_at: datetime | None = None
    rows: tuple[ReceivedRow, ...] = ()


@dataclass(frozen=True)
class ContainerLine:
    """One container of the list 容器清单 with the producer (clinic) that filled it and the receiver's verdict."""

    code: str
    producer: str
    class_name: str = ""
    waste_code: str = ""
    mass_g: int | None = None
    verdict: str = ""
    note: str = ""


@dataclass(frozen=True)
class ManifestDocument:
    """A transfer manifest as it stood at `as_of`, in its `version`.

    `number` is the 14-digit number, empty before it is issued; `reference` the platform's own.
    `flags` (作废, 补录, 草稿 …) are printed across every page, the reason stands in `flag_reason`.
    `discrepancies` and `corrections` are finished sentences.
    """

    number: str
    version: int
    as_of: datetime
    consignor: ConsignorPart
    legs: tuple[TransportLeg, ...]
    receiver: ReceiverPart
    containers: tuple[ContainerLine, ...] = ()
    reference: str = ""
    status: str = ""
    flags: tuple[str, ...] = ()
    flag_reason: str = ""
    discrepancies: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    ledger_head: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the document as JSON-able data; times in UTC."""
        return cast(dict[str, Any], _plain(self))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `as_dict` gave. A field that is unknown here is an error, not dropped."""
        return cast(Self, _build(cls, data))

    @property
    def content_hash(self) -> str:
        """Return the SHA-256 of the canonical JSON of everything printed, in hexadecimal."""
        text = json.dumps(self.as_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time on a document needs its zone")
        return value.astimezone(UTC).isoformat()
    return value


def _build(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        unknown = set(value) - set(hints)
        if unknown:
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        return kind(**{name: _build(hints[name], each) for name, each in value.items()})  # type: ignore[operator]
    if datetime in (kind, *get_args(kind)):
        return datetime.fromisoformat(value)
    if isinstance(value, list):
        return tuple(_build(get_args(kind)[0], each) for each in value)
    return value
