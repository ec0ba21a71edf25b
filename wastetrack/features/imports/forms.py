"""The file that somebody sends, read before anything is asked of the store."""

from flask import request

from wastetrack.domain.imports import ImportKind
from wastetrack.domain.problems import refuse
from wastetrack.domain.typed_text import narrow
from wastetrack.domain.words import N_
from wastetrack.features.imports import service


def sent_file(kind: ImportKind) -> tuple[service.SendFile, int]:
    """Return the file with how many rows it has; refuse one that cannot be read."""
    sent = request.files.get("file")
    content = sent.read() if sent is not None else b""
    if sent is None or not (sent.filename or content):
        raise refuse("import.no_file", N_("Choose the file first."), field="file")
    rows = len(service.opened(kind, content).rows)
    name = narrow((sent.filename or "").replace("\\", "/").rpartition("/")[2]) or kind.value
    key = request.form.get("act_key", "")[:64]
    if not key:
        raise refuse("import.no_key", N_("This form does not know such a field. Load the page again and repeat."))
    return service.SendFile(kind=kind, file_name=name[-200:], file=content, act_key=key), rows
