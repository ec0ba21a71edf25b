"""The scanner reads a label with a real camera stream and a real photo, under the site's own content policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
import qrcode
from jinja2 import Environment, FileSystemLoader
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium, find_chromium
from tests.journeys.pictures import as_video, before_a_camera, photo_of

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium on this machine"),
]

ROOT = Path(__file__).resolve().parents[2]
LABEL = "HTTP://WASTE.EXAMPLE/C/7K3M9QXR2F4C"
CODE = "7K3M9QXR2F4C"
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:"
)


def page_with_a_scan_box() -> str:
    """The house's own scan box, in English, with nothing else of the site."""
    environment = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)
    environment.globals |= {"_": str, "csrf_token": str, "url_for": lambda _static, filename: f"/static/{filename}"}
    environment.globals["field_called"] = lambda _field, _label: ""
    box = environment.from_string(
        """{% from "components/scan.html" import scan_box %}{{ scan_box("/scanned", "Code") }}"""
    )
    return f"<!doctype html><html lang=en><title>Scan</title>{box.render()}</html>"


TYPES = {".js": "text/javascript", ".wasm": "application/wasm"}


class Site(BaseHTTPRequestHandler):
    """A page with a scanning form, the static files, and an echo of what was submitted."""

    def do_GET(self) -> None:
        if self.path.startswith("/static/"):
            file = ROOT / self.path.removeprefix("/")
            self.answer(file.read_bytes(), TYPES[file.suffix])
        else:
            self.answer(page_with_a_scan_box().encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = dict(pair.split("=", 1) for pair in sent.split("&"))
        self.answer(f"<title>Scanned</title><p>{unquote_plus(fields['code'])}".encode(), "text/html; charset=utf-8")

    def answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Say nothing: the test's output is the test's."""


def picture(text: str) -> Image.Image:
    """A label as a camera sees it."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_Q, box_size=8)
    code.add_data(text)
    return before_a_camera(code.make_image().get_image())


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    film = tmp_path_factory.mktemp("camera") / "label.y4m"
    film.write_bytes(as_video(picture(LABEL)))
    with chromium(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ) as started:
        yield started


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The scanning page; whatever the browser complains of there fails the test."""
    opened = browser.new_page(viewport={"width": 390, "height": 844})
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: complaints.append(request.url) if not request.url.startswith(site) else None)
    opened.goto(site)
    yield opened
    opened.close()
    assert [text for text in complaints if "favicon" not in text and not text.startswith(("blob:", "data:"))] == []


def take_photo(page: Page, scene: Image.Image) -> None:
    page.set_input_files("[data-scan-photo]", photo_of(scene))


def test_the_camera_reads_a_label_and_sends_its_code(page: Page) -> None:
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page).to_have_title("Scanned")
    expect(page.locator("p")).to_have_text(CODE)


def test_a_photo_of_a_label_is_read_in_the_browser(page: Page) -> None:
    take_photo(page, picture(LABEL))
    expect(page.locator("p")).to_have_text(CODE)


def test_a_photo_without_a_code_is_answered_with_what_to_do(page: Page) -> None:
    take_photo(page, Image.new("L", (640, 480), 120))
    expect(page.get_by_role("status")).to_contain_text("No code was found in the picture.")
    expect(page).to_have_title("Scan")


def test_a_code_of_another_kind_is_sent_whole_for_the_server_to_judge(page: Page) -> None:
    take_photo(page, picture("https://elsewhere.example/pay?to=someone"))
    expect(page.locator("p")).to_have_text("https://elsewhere.example/pay?to=someone")


def test_a_barcode_gun_that_types_the_address_sends_the_code(page: Page) -> None:
    page.get_by_label("Code", exact=True).press_sequentially(LABEL)
    page.get_by_label("Code", exact=True).press("Enter")
    expect(page.locator("p")).to_have_text(CODE)


def test_leaving_the_page_turns_the_camera_off(page: Page) -> None:
    page.route("**/*.wasm", lambda route: None)  # the reader never arrives, so the camera stays on
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.locator("video")).to_be_visible()
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("video")).to_be_hidden()
    assert page.evaluate("document.querySelector('video').srcObject") is None


def test_a_reader_that_cannot_be_loaded_is_named_and_the_camera_closed(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.route("**/zxing-wasm/**", lambda route: route.abort())
    page.goto(site)
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.get_by_role("status")).to_contain_text("The code reader could not be loaded.")
    expect(page.locator("video")).to_be_hidden()
    page.close()
