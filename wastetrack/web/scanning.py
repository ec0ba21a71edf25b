"""The code that somebody scanned, typed, or sent as a photo: one way in for every page that takes labels."""

from flask import Request

from wastetrack.domain.container_code import parse_container_code
from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.words import N_
from wastetrack.infra.scan import codes_in_picture


def scanned_code(request: Request, field: str = "code", photo: str = "photo") -> str:
    """Return the text to be read as a code: what stands in the field, else what a photo shows, else nothing.

    Of several codes in one photo the one that is a label's is meant. Refuses a photo without any code; what was
    typed is judged by whoever reads the code.
    """
    typed = request.form.get(field, "").strip()
    sent = request.files.get(photo)
    if typed or sent is None or not sent.filename:
        return typed
    found = codes_in_picture(sent.read(), field)
    if not found:
        sentence = N_("No code was found in the photo. Hold the camera closer and steady, or type the code.")
        raise refuse("picture.no_code", sentence, field=field)
    return next(filter(_is_label, found), found[0])


def _is_label(text: str) -> bool:
    try:
        parse_container_code(text)
    except Refusal:
        return False
    return True
