"""The studio's pages put together: addresses, templates and what happens when something is wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jinja2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bredband.errors import BredbandError, InputError
from bredband.studio.faults import of_run
from bredband.studio.guard import Guard
from bredband.studio.runs import Queue
from bredband.studio.words import LANGUAGE_COOKIE, explained, language_of, words
from bredband.units import format_decimal, format_int, format_mnok, format_nok, format_percent
from bredband.wording import said

MOST_FORM_BYTES = 2 * 1024**2
MOST_FORM_NAMES = 20_000
_ASSETS = {
    "studio.css": "text/css", "form.js": "text/javascript", "run.js": "text/javascript",
    "map.js": "text/javascript", "upload.js": "text/javascript",
}  # fmt: skip


@dataclass(frozen=True)
class Studio:
    """What every page needs: the folder, the queue and the templates."""

    root: Path
    queue: Queue
    templates: jinja2.Environment


def make_app(root: Path, routes: Sequence[Route], *, token: str, port: int) -> Starlette:
    """Make the studio of a folder as an ASGI application."""
    studio = Studio(root, Queue(root), _templates())

    @contextlib.asynccontextmanager
    async def working(_: Starlette) -> AsyncIterator[None]:
        at_work = asyncio.create_task(studio.queue.work())
        yield
        at_work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await at_work

    app = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, token=token, port=port)],
        exception_handlers={
            BredbandError: _explain,
            HTTPException: _no_such_page,
            Exception: _our_fault,
        },
        lifespan=working,
    )
    app.router.redirect_slashes = False
    app.state.studio = studio
    return app


def studio_of(request: Request) -> Studio:
    """Give the studio that a request came to."""
    studio: Studio = request.app.state.studio
    return studio


def page(request: Request, template: str, code: int = 200, **content: Any) -> HTMLResponse:
    """Make a page in the planner's language."""
    language = language_of(request)
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    text = (
        studio_of(request)
        .templates.get_template(template)
        .render(w=words(language), language=language, here=here, **content)
    )
    return HTMLResponse(text, status_code=code)


async def read_form(request: Request) -> dict[str, list[str]]:
    """Read a form that the browser sends, bounded in size.

    Raises
    ------
    InputError
        When it is not a form, or too large.
    """
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise InputError("skjemaet har en form studio ikke leser.", advice="Last siden på nytt.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_FORM_BYTES:
            raise InputError("skjemaet er for stort.", advice="Kort ned listene.")
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FORM_NAMES
        )
    except (UnicodeDecodeError, ValueError):
        raise InputError("skjemaet kan ikke leses.", advice="Last siden på nytt.") from None
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


def to(path: str) -> RedirectResponse:
    """Send the browser on to another page after a change."""
    return RedirectResponse(path, status_code=303)


async def asset(request: Request) -> Response:
    """Give a style sheet or script of the studio."""
    name = request.path_params["name"]
    if name not in _ASSETS:
        raise HTTPException(404)
    text = resources.files("bredband.studio").joinpath("assets", name).read_text(encoding="utf-8")
    return Response(text, media_type=_ASSETS[name], headers={"Cache-Control": "no-cache"})


async def choose_language(request: Request) -> Response:
    """Keep the planner's choice of bokmål or nynorsk in a cookie."""
    form = await read_form(request)
    back = form.get("back", ["/"])[0]
    answer = to(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/")
    chosen = "nn" if form.get("language") == ["nn"] else "nb"
    answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=10**8, httponly=True, samesite="strict")
    return answer


async def _explain(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, BredbandError)
    language = language_of(request)
    sentence, advice = said(fault.message, language), said(fault.advice, language)
    return _fault_page(request, 400, sentence[:1].upper() + sentence[1:], advice)


async def _no_such_page(request: Request, fault: Exception) -> Response:
    status = fault.status_code if isinstance(fault, HTTPException) else 404
    return _fault_page(request, status, words(language_of(request))["no_such_page"], "")


async def _our_fault(request: Request, _: Exception) -> Response:
    """Say that the fault is the studio's own; the terminal shows what it was."""
    w = words(language_of(request))
    return _fault_page(request, 500, w["our_fault"], w["our_fault_advice"])


def _fault_page(request: Request, code: int, sentence: str, advice: str) -> Response:
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"sentence": sentence, "advice": advice}, status_code=code)
    return page(request, "fault.html.j2", code, sentence=sentence, advice=advice)


def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bredband.studio", "assets"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        int=format_int, decimal=format_decimal, percent=format_percent, mnok=format_mnok,
        nok=format_nok, explained=explained, said=said, of_run=of_run, name_in=lambda key, names: names.get(key, key),
    )  # fmt: skip
    return environment
