"""The reader's language: what he chose, else what his browser asks for, else Chinese."""

from contextlib import ExitStack

from flask import Flask, g, redirect, request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from wastetrack.infra import i18n
from wastetrack.web.routing import PUBLIC, Pages

pages = Pages("language", __name__)


def init(app: Flask) -> None:
    """Speak one language for the length of each request, and give templates the words."""
    app.register_blueprint(pages)
    app.jinja_env.globals["_"] = i18n._
    app.jinja_env.filters["shown"] = i18n.show
    app.jinja_env.filters["listed"] = i18n.listed

    @app.before_request
    def choose() -> None:
        g.language_scope = ExitStack()
        g.language_scope.enter_context(i18n.speaking(_chosen()))

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        scope = g.pop("language_scope", None)
        if scope is not None:
            scope.close()

    @app.context_processor
    def tag() -> dict[str, str]:
        return {"locale_tag": i18n.LANGUAGES[i18n.language()][0]}


def _chosen() -> str:
    kept = cookie.get("language")
    if kept in i18n.LANGUAGES:
        return str(kept)
    wanted = request.accept_languages.best_match(["zh-CN", "zh-Hans-CN", "zh", "en"], default="zh")
    return i18n.ENGLISH if wanted == "en" else i18n.CHINESE


@pages.does("/language", needs=PUBLIC)
def switch() -> ResponseReturnValue:
    """Keep the chosen language and go back to where the reader was."""
    wanted = request.form.get("language", "")
    cookie["language"] = wanted if wanted in i18n.LANGUAGES else i18n.CHINESE
    return redirect(local_path(request.form.get("next")), 303)


def local_path(path: str | None) -> str:
    """Return `path` if it stays on this site, else the start page: an address from outside leads nobody away.

    Browsers and libraries leave tabs and line ends out of an address, so `/<tab>/host` would be another host.
    """
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or not path.isprintable():
        return "/"
    return path
