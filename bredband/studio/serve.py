"""Start the studio: loopback only, a token in the address, and a clean stop with Ctrl-C."""

from __future__ import annotations

import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path

import uvicorn

from bredband.errors import InputError, cause_of
from bredband.studio.addresses import ROUTES
from bredband.studio.app import make_app
from bredband.studio.guard import new_token

HOST = "127.0.0.1"


def serve(root: Path, *, port: int = 0, open_browser: bool, say: Callable[[str], object]) -> None:
    """Serve the studio of a folder until Ctrl-C.

    Parameters
    ----------
    root
        The folder where counties and scenarios lie; it is made if it is not there.
    port
        The port on 127.0.0.1; 0 takes one that is free.
    open_browser
        Open the page in the planner's browser.
    say
        Called with each line for the terminal.

    Raises
    ------
    InputError
        When the folder cannot be written to or the port is taken.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise InputError(
            f"kan ikke brukes som mappe: {cause_of(fault)}.",
            file=root,
            advice="Velg en annen mappe.",
        ) from None
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise InputError(
            f"port {port} er opptatt.",
            advice="Velg en annen med --port, eller la være å oppgi den.",
        ) from None
    with listener:
        taken = int(listener.getsockname()[1])
        token = new_token()
        address = f"http://{HOST}:{taken}/?token={token}"
        say(f"Studio: {address}")
        say("Stopp med Ctrl-C. Alt ligger i mappa og er der neste gang.")
        if open_browser:
            webbrowser.open(address)
        settings = uvicorn.Config(
            make_app(root.resolve(), ROUTES, token=token, port=taken),
            log_level="warning", access_log=False, server_header=False, date_header=False,
            timeout_graceful_shutdown=2, lifespan="on", ws="none",
            h11_max_incomplete_event_size=64 * 1024,
        )  # fmt: skip
        uvicorn.Server(settings).run(sockets=[listener])
