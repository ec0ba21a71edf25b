"""Reference data: divisions, the national list by edition with its exemptions, medical classes, working days.

Keys are the official codes. No row here is written by daily business: `service` loads them from files.
"""

from datetime import date

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.regions import Level
from wastetrack.domain.waste_codes import Hazard, MedicalClass, parse_hazards
from wastetrack.domain.waste_list import HazardMode, hazard_mode
from wastetrack.domain.working_days import CalendarStatus
from wastetrack.infra.db import Base, term

# Paths are compared byte by byte, so that one index serves "at or below" on both stores.
_PATH = String(80).with_variant(String(80, collation="C"), "postgresql")


class Region(Base):
    """An administrative division, with its place in supervision (see `domain.regions`)."""

    __tablename__ = "regions"
    __table_args__ = (Index("ix_regions_path", "path"),)

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    level: Mapped[Level] = mapped_column(term(Level))
    kind: Mapped[str] = mapped_column(String(20))
    """As the official list says it: 县级市, 街道, 民族乡; may be empty."""
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"), index=True)
    supervised_by: Mapped[str | None] = mapped_column(ForeignKey("regions.code"), index=True)
    """The division that supervises it, only where that is not the parent."""
    path: Mapped[str] = mapped_column(_PATH)
    official: Mapped[bool] = mapped_column(Boolean)
    """False for a code of our own (雄安新区) and for zones that are no statutory division."""
    statistical: Mapped[bool] = mapped_column(Boolean)
    """Made for statistics: development zones, and the placeholders 市辖区 and 省直辖 at city level."""
    current: Mapped[bool] = mapped_column(Boolean)
    """False once it has gone from the official list: kept, because old records name it."""

    @property
    def placeholder(self) -> bool:
        """Tell whether it only fills a gap between two levels and is nothing to choose."""
        return self.statistical and self.level is Level.CITY


class WasteEdition(Base):
    """An edition of the national list; its law and what of it is loaded."""

    __tablename__ = "waste_editions"

    edition: Mapped[str] = mapped_column(String(10), primary_key=True)
    decree: Mapped[str] = mapped_column(String(80))
    effective_from: Mapped[date | None] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    kinds: Mapped[int | None] = mapped_column(Integer)
    """How many codes the decree has, where known: a file with another number is refused."""
    codes_loaded: Mapped[bool] = mapped_column(Boolean)
    exemptions_loaded: Mapped[bool] = mapped_column(Boolean)
    note: Mapped[str] = mapped_column(String(200))


class WasteEntry(Base):
    """One code of one edition, in the words of the decree."""

    __tablename__ = "waste_entries"

    edition: Mapped[str] = mapped_column(ForeignKey("waste_editions.edition"), primary_key=True)
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    category_code: Mapped[str] = mapped_column(String(4))
    category_name: Mapped[str] = mapped_column(String(80))
    industry_code: Mapped[str] = mapped_column(String(3))
    industry: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(Text)
    hazards: Mapped[str] = mapped_column(String(20))
    """As printed: `T`, `T,I` (the first certain), `T/C/I/R` (one or more)."""

    @property
    def hazard_list(self) -> tuple[Hazard, ...]:
        """Return the characteristics in the order of the list."""
        return parse_hazards(self.hazards)

    @property
    def hazard_mode(self) -> HazardMode:
        """Tell how the letters are meant."""
        return hazard_mode(self.hazards)


class WasteExemption(Base):
    """One line (a stage with its condition) of one item of the exemption list 危险废物豁免管理清单."""

    __tablename__ = "waste_exemptions"

    edition: Mapped[str] = mapped_column(ForeignKey("waste_editions.edition"), primary_key=True)
    item: Mapped[int] = mapped_column(Integer, primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    applies_to: Mapped[str] = mapped_column(String(120))
    """Codes or a category with `;` between them, or the words of the list where it names a situation."""
    waste: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(String(20))
    condition: Mapped[str] = mapped_column(Text)
    exempted_as: Mapped[str] = mapped_column(Text)


class MedicalClassText(Base):
    """What the catalogue of medical waste 医疗废物分类目录 says of one class."""

    __tablename__ = "medical_class_texts"

    edition: Mapped[str] = mapped_column(String(10), primary_key=True)
    medical_class: Mapped[MedicalClass] = mapped_column(term(MedicalClass), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(20))
    waste_code: Mapped[str] = mapped_column(String(10))
    feature: Mapped[str] = mapped_column(Text)
    feature_edition: Mapped[str] = mapped_column(String(10))
    """The edition whose words `feature` are: the older one where the newer was not found."""
    components: Mapped[str] = mapped_column(Text)
    collection: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    superseded_components: Mapped[str] = mapped_column(Text)
    """Components in the words of 2003, for information only."""

    @property
    def complete(self) -> bool:
        """Tell whether every text is that of the edition itself."""
        return bool(self.components and self.collection) and self.feature_edition == self.edition


class WorkingDayException(Base):
    """A day that differs from its weekday, by the State Council's yearly notice."""

    __tablename__ = "working_day_exceptions"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    works: Mapped[bool] = mapped_column(Boolean)
    occasion: Mapped[str] = mapped_column(String(40))
    status: Mapped[CalendarStatus] = mapped_column(term(CalendarStatus))
