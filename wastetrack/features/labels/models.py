"""Labels as they were printed and issued: prints, blank labels, printers and what each person last chose."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.labels import LabelFormat, PrintState, ReprintReason
from wastetrack.infra.db import Base, UtcDateTime, term


class LabelPrint(Base):
    """One file of labels that somebody had made: of containers, or of the blank labels of a batch."""

    __tablename__ = "label_prints"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    act_key: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[PrintState] = mapped_column(term(PrintState))
    medical: Mapped[LabelFormat] = mapped_column(term(LabelFormat, "medical"))
    other: Mapped[LabelFormat] = mapped_column(term(LabelFormat, "other"))
    start: Mapped[int] = mapped_column(Integer, default=1)
    """The first free place on a partly used sheet."""
    right_tenths: Mapped[int] = mapped_column(Integer, default=0)
    down_tenths: Mapped[int] = mapped_column(Integer, default=0)
    """By how many tenths of a millimetre everything is shifted for the printer."""
    reason: Mapped[ReprintReason | None] = mapped_column(term(ReprintReason))
    note: Mapped[str] = mapped_column(String(200), default="")
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("blank_batches.id"), index=True)
    """The batch whose blank labels these are."""
    total: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer, default=0)
    file_hash: Mapped[str | None] = mapped_column(String(64))
    """The file, as long as it is kept."""


class LabelCopy(Base):
    """A label in a print, in the order of printing, with the number of its copy."""

    __tablename__ = "label_copies"

    print_id: Mapped[UUID] = mapped_column(ForeignKey("label_prints.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    container_id: Mapped[UUID] = mapped_column(ForeignKey("containers.id"), index=True)
    copy: Mapped[int] = mapped_column(Integer)


class LabelPrinter(Base):
    """A printer of an organisation, and by how much it prints beside."""

    __tablename__ = "label_printers"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        CheckConstraint("abs(right_tenths) <= 100 AND abs(down_tenths) <= 100", name="shift_is_small"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(String(60))
    right_tenths: Mapped[int] = mapped_column(Integer)
    down_tenths: Mapped[int] = mapped_column(Integer)


class LabelChoice(Base):
    """What a person printed on last: offered again."""

    __tablename__ = "label_choices"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    medical: Mapped[LabelFormat] = mapped_column(term(LabelFormat, "medical"))
    other: Mapped[LabelFormat] = mapped_column(term(LabelFormat, "other"))
    printer_id: Mapped[UUID | None] = mapped_column(ForeignKey("label_printers.id"))


class BlankBatch(Base):
    """Blank labels issued to an organisation in one go. The codes and what became of them are in its stream."""

    __tablename__ = "blank_batches"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    issued_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    format: Mapped[LabelFormat] = mapped_column(term(LabelFormat))
    count: Mapped[int] = mapped_column(Integer)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(200), default="")
    """Why it was withdrawn."""


class BlankLabel(Base):
    """A code that was printed before it stood for anything; bound once, to one container."""

    __tablename__ = "blank_labels"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("blank_batches.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    """Its place in the batch, as printed."""
    container_id: Mapped[UUID | None] = mapped_column(ForeignKey("containers.id"), unique=True)
