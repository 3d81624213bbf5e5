"""One person's habits: comes in, reads, posts, shows pictures, and tries again when it fails."""

import itertools
import random
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from .browser import Browser, Reply
from .picture import noise_png
from .recognise import PERSON_PATH, POST_PATH, digest, form_token
from .records import Answer, Kind, Records, Written

OK, SEE_OTHER = 200, 303
UNAUTHORIZED, FORBIDDEN, CONFLICT = 401, 403, 409


class Person:
    """Acts for ever; `turn` is waited for before each request and bounds the crowd's rate."""

    def __init__(
        self,
        name: str,
        browser: Browser,
        records: Records,
        turn: Callable[[], Awaitable[None]],
        chance: random.Random,
        *,
        only_pictures: bool = False,
    ) -> None:
        self._first_name = self._name = name
        self._browser, self._records, self._turn = browser, records, turn
        self._chance = chance
        self._only_pictures = only_pictures
        self._password = chance.randbytes(12).hex()
        self._token: str | None = None
        self._known = False  # whether the application has promised to know this name
        self._inside = False
        self._said = itertools.count(1)
        self._picture: str | None = None

    async def act_for_ever(self) -> None:
        """Half of the requests are writes, so that the first that works is seen early."""
        usual = (
            self._read_timeline,
            self._write_post,
            self._read_own_page,
            self._write_post,
            self._read_timeline,
            self._show_picture,
            self._read_picture,
            self._write_post,
        )
        habits = itertools.cycle((self._show_picture,) if self._only_pictures else usual)
        while True:
            while not self._inside:
                await self._come_in()
            await next(habits)()

    async def _come_in(self) -> None:
        if self._token is None:
            await self._read("/login" if self._known else "/signup")
        elif self._known:
            await self._log_in()
        else:
            await self._sign_up()

    async def _sign_up(self) -> None:
        form = {"name": self._name, "password": self._password}
        page = Written(f"/@{self._name}", digest(self._name))
        reply = await self._write(Kind.WRITE, "/signup", form, lambda _location: (page,))
        self._inside = _redirects_to(reply, PERSON_PATH.fullmatch)
        self._known = self._known or self._inside
        if reply.status == CONFLICT:
            # The name was taken by an attempt of ours whose answer never came.
            self._name = f"{self._first_name}_{next(self._said)}"
        if self._inside:
            self._token = None

    async def _log_in(self) -> None:
        form = {"name": self._name, "password": self._password}
        reply = await self._write(Kind.LOGIN, "/login", form, lambda _location: ())
        self._inside = _redirects_to(reply, "/".__eq__)
        if reply.status == UNAUTHORIZED:
            # The account was lost in a move: a person would sign up again.
            self._known, self._name = False, f"{self._first_name}_{next(self._said)}"
        if reply.status in {SEE_OTHER, UNAUTHORIZED}:
            self._token = None

    async def _read_timeline(self) -> None:
        await self._read("/")

    async def _read_own_page(self) -> None:
        await self._read(f"/@{self._name}")

    async def _read_picture(self) -> None:
        if self._picture is not None:
            await self._read(self._picture)

    async def _write_post(self) -> None:
        await self._post(Kind.WRITE, None)

    async def _show_picture(self) -> None:
        await self._post(Kind.UPLOAD, noise_png(self._chance))

    async def _post(self, kind: Kind, picture: bytes | None) -> None:
        if self._token is None:
            await self._read("/")
            return
        text = f"{self._name} says its no. {next(self._said)}: {self._chance.randbytes(8).hex()}"
        kept: tuple[Written, ...] = ()
        if picture is not None:
            kept = (Written(f"/media/{digest(picture)}.png", digest(picture)),)
        reply = await self._write(
            kind,
            "/posts",
            {"content": text, "description": "noise"},
            lambda location: (Written(location, digest(text)), *kept),
            picture,
        )
        if _redirects_to(reply, POST_PATH.fullmatch) and kept:
            self._picture = kept[0].path
        if _redirects_to(reply, "/login".__eq__):
            self._inside, self._token = False, None

    async def _read(self, path: str) -> None:
        await self._turn()
        reply = await self._browser.get(path)
        self._record(Kind.READ, path, reply, OK)
        if reply.status == OK and not path.startswith("/media/"):
            self._token = form_token(reply.text) or self._token

    async def _write(
        self,
        kind: Kind,
        path: str,
        form: dict[str, str],
        acknowledged_by: Callable[[str], tuple[Written, ...]],
        picture: bytes | None = None,
    ) -> Reply:
        await self._turn()
        reply = await self._browser.post(path, {**form, "csrf": self._token or ""}, picture)
        promised = POST_PATH if path == "/posts" else PERSON_PATH
        if kind is Kind.LOGIN:
            self._record(kind, path, reply, SEE_OTHER)
        elif _redirects_to(reply, promised.fullmatch):
            self._record(kind, path, reply, SEE_OTHER, acknowledged_by(location_of(reply)))
        else:
            self._record(kind, path, reply, None)
        if reply.status == FORBIDDEN:
            self._token = None
        return reply

    def _record(
        self,
        kind: Kind,
        path: str,
        reply: Reply,
        expected: int | None,
        written: tuple[Written, ...] = (),
    ) -> None:
        error = reply.error
        if error is None and reply.status != expected:
            error = f"unexpected: {reply.status} {location_of(reply)}".rstrip()
        self._records.append(
            Answer(
                user=self._first_name,
                resolver=self._browser.resolver,
                kind=kind,
                path=path,
                start=reply.start,
                end=reply.end,
                address=reply.address,
                status=reply.status,
                holding=reply.is_holding,
                error=error,
                written=written,
            )
        )


def location_of(reply: Reply) -> str:
    """The path a redirect names; empty if it names none."""
    return urlsplit(reply.headers.get("Location", "")).path


def _redirects_to(reply: Reply, expected: Callable[[str], object]) -> bool:
    return reply.status == SEE_OTHER and bool(expected(location_of(reply)))
