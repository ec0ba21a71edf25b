"""Imports: who sent which file, how far it is, what became of its rows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from wastetrack.domain.imports import ImportKind, ImportState, Verdict
from wastetrack.infra.db import Base, UtcDateTime, term


class Import(Base):
    """One file that somebody sent, from its check to its end. The counts are those of the last pass over the rows."""

    __tablename__ = "imports"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[ImportKind] = mapped_column(term(ImportKind))
    state: Mapped[ImportState] = mapped_column(term(ImportState))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    """For whose records the file is, where it was sent for the own organisation; None: an administrator's file."""
    act_key: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64))
    file_gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the file was deleted, and what was said of its rows: both hold personal data."""
    file_size: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    """Rows in the file."""
    done: Mapped[int] = mapped_column(Integer, default=0)
    """Rows that the present pass has been over: a pass that was cut off goes on from here."""
    only_right: Mapped[bool] = mapped_column(default=False)
    """The person asked to save the right rows and leave the wrong ones."""
    new: Mapped[int] = mapped_column(Integer, default=0)
    changed: Mapped[int] = mapped_column(Integer, default=0)
    same: Mapped[int] = mapped_column(Integer, default=0)
    differs: Mapped[int] = mapped_column(Integer, default=0)
    wrong: Mapped[int] = mapped_column(Integer, default=0)


class ImportRow(Base):
    """A row of which there is something to say; of a new or equal one there is not."""

    __tablename__ = "import_rows"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    """As a spreadsheet program shows it."""
    verdict: Mapped[Verdict] = mapped_column(term(Verdict))
    name: Mapped[str] = mapped_column(String(200))
    """What the row names, for people."""
    remarks: Mapped[str] = mapped_column(Text)
    """Sentences with their facts and columns, as JSON: said in the language of whoever reads them."""
