"""Answering with a PDF: shown in the browser under a name of its own, never kept by what lies between."""

from flask import Response


def pdf(content: bytes, name: str) -> Response:
    """Return a file as the answer; `name` is what it is called when somebody keeps it, without its ending."""
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store"}
    return Response(content, mimetype="application/pdf", headers=headers)
