"""Labels as cameras see them: a photo from a phone, a film for the camera of the browser."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import FilePayload

from tests.documents.paper import picture


def before_a_camera(label: Image.Image) -> Image.Image:
    """The label small in a grey picture, a little turned."""
    held = label.convert("L").rotate(7, expand=True, fillcolor=120)
    held.thumbnail((460, 460))
    scene = Image.new("L", (640, 480), 120)
    scene.paste(held, (90, 10))
    return scene


def label_on(pdf: bytes) -> Image.Image:
    """A printed label before a camera."""
    return before_a_camera(picture(pdf, dpi=200))


def as_video(scene: Image.Image) -> bytes:
    """Two frames of uncompressed video, which Chromium plays as its camera."""
    width, height = scene.size
    frame = b"FRAME\n" + scene.tobytes() + bytes([128]) * (width * height // 2)
    return f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420\n".encode() + frame * 2


def as_photo(scene: Image.Image) -> bytes:
    buffer = io.BytesIO()
    scene.save(buffer, "JPEG")
    return buffer.getvalue()


def photo_of(scene: Image.Image) -> FilePayload:
    """The file that a phone hands to a form."""
    return {"name": "label.jpg", "mimeType": "image/jpeg", "buffer": as_photo(scene)}


def show_to_camera(film: Path, scene: Image.Image) -> None:
    """Have the camera of the browser see this from the next time it is opened."""
    film.write_bytes(as_video(scene))
