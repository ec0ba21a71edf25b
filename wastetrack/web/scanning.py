"""The code that somebody scanned, typed, or sent as a photo: one way in for every page that takes labels."""

from collections.abc import Callable

from flask import Request

from wastetrack.domain.container_code import parse_container_code
from wastetrack.domain.problems import Refusal, refuse
from wastetrack.domain.words import N_
from wastetrack.infra.scan import codes_in_picture


def scanned_code(
    request: Request,
    field: str = "code",
    photo: str = "photo",
    reads: Callable[[str], str] = parse_container_code,
) -> str:
    """Return the text to be read as a code: what stands in the field, else what a photo shows, else nothing.

    Of several codes in one photo the one that can be read is meant: a label's, or what else is asked for. Refuses a
    photo without any code; what was typed is judged by whoever reads the code.
    """
    typed = request.form.get(field, "").strip()
    sent = request.files.get(photo)
    if typed or sent is None or not sent.filename:
        return typed
    found = codes_in_picture(sent.read(), field)
    if not found:
        sentence = N_("No code was found in the photo. Hold the camera closer and steady, or type the code.")
        raise refuse("picture.no_code", sentence, field=field)
    return next((text for text in found if _is_meant(text, reads)), found[0])


def _is_meant(text: str, reads: Callable[[str], str]) -> bool:
    try:
        reads(text)
    except Refusal:
        return False
    return True
