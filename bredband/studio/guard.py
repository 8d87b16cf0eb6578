"""Who may talk to the studio: this machine, this browser, and nobody else.

Every request must name our own host (against DNS rebinding), come from our own page if it
says where it comes from (against other sites in the same browser), and carry the token that
was printed in the terminal, in the address the first time and in a cookie after that.
"""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bredband.studio.words import language_of, words

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
"""A page may fetch from the studio itself and from nowhere else."""

MAP_POLICY = (
    "sandbox allow-scripts allow-downloads allow-modals; default-src 'none'; "
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""A council map inside the studio is a stranger: it may draw itself and fetch nothing."""

_FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def new_token() -> str:
    """Make a token that nobody guesses."""
    return secrets.token_urlsafe(24)


class Guard:
    """ASGI: turn away strangers before any page is reached, and dress every answer."""

    def __init__(self, app: ASGIApp, *, token: str, port: int) -> None:
        self.app = app
        self.token = token
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self.origins = {f"http://{host}" for host in self.hosts}
        self.cookie = f"bredband-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with one sentence."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal:
            language = language_of(HTTPConnection(scope))
            sentence = words(language)["refusals"][refusal]
            answer = PlainTextResponse(
                sentence, status_code=403, headers={"Content-Language": language}
            )
            await answer(scope, receive, _dressed(send))
        elif self._has_token_in_address(scope):
            await self._welcome(scope)(scope, receive, _dressed(send))
        else:
            await self.app(scope, receive, _dressed(send))

    def _refusal(self, scope: Scope) -> str:
        """Give the reason to turn a request away, as the words know it; empty lets it in."""
        headers = Headers(scope=scope)
        if headers.getlist("host") not in [[host] for host in self.hosts]:
            return "host"
        origin = headers.get("origin")
        if origin is not None and origin not in self.origins:
            return "origin"
        changes = scope["method"] not in ("GET", "HEAD")
        if changes and origin is None:
            return "no_origin"
        if changes and headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return "site"
        if not self._has_token_in_address(scope) and not self._has_cookie(headers):
            return "token"
        return ""

    def _has_cookie(self, headers: Headers) -> bool:
        try:
            given = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return False
        return given is not None and _same(given.value, self.token)

    def _has_token_in_address(self, scope: Scope) -> bool:
        given = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("token", "")
        return scope["method"] == "GET" and _same(given, self.token)

    def _welcome(self, scope: Scope) -> RedirectResponse:
        """Move the token from the address to a cookie, so that it is not left in the history."""
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        rest = urlencode([(key, value) for key, value in query if key != "token"])
        path = "/" + scope["path"].lstrip("/\\")
        answer = RedirectResponse(f"{path}?{rest}" if rest else path, status_code=303)
        answer.set_cookie(self.cookie, self.token, httponly=True, samesite="strict", path="/")
        return answer


def _same(given: str, token: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode())


def _dressed(send: Send) -> Send:
    async def send_dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _FIXED_HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        await send(message)

    return send_dressed
