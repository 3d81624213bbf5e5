"""A script as its words and signs: what the modelled shell reads first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final


class Unknown(Exception):
    """A script says something that the modelled shell cannot read."""


@dataclass(frozen=True)
class Piece:
    """A part of a word. kind: `text`, `variable`, `command`, `number`."""

    kind: str
    value: str
    quoted: bool


Word = tuple[Piece, ...]
Token = str | Word
_SIGNS: Final = ("&&", "||", ";;", "<<<", "<<", ">>", ">&", ";", "|", "(", ")", "<", ">", "&", "\n")
_ENDS: Final = frozenset(" \t\n;|&<>()")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$]")
_FDS: Final = tuple((Piece("text", fd, quoted=False),) for fd in "012")
REDIRECTS: Final = ("<<<", "<<", ">>", ">&", "<", ">")


@dataclass
class _Reader:
    """Turns text into tokens: signs as text, words as tuples of pieces."""

    text: str
    at: int = 0
    tokens: list[Token] = field(default_factory=list)
    here: list[int] = field(default_factory=list)

    def read(self) -> list[Token]:
        while self.at < len(self.text):
            mark = self.text[self.at]
            if mark in " \t":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif mark == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif sign := next((s for s in _SIGNS if self.text.startswith(s, self.at)), None):
                self.at += len(sign)
                self._sign(sign)
            else:
                self.tokens.append(self._word())
        return self.tokens

    def _sign(self, sign: str) -> None:
        self.tokens.append(sign)
        if sign == "<<":
            self.here.append(len(self.tokens))
        if sign == "\n":
            for place in self.here:
                self._here(place)
            self.here.clear()

    def _here(self, place: int) -> None:
        """The document that a `<<'END'` before has begun: nothing in it is filled in."""
        end = "".join(piece.value for piece in self.tokens[place] if isinstance(piece, Piece))
        body, found, self_rest = self.text[self.at :].partition(f"{end}\n")
        if not found:
            raise Unknown(f"a document without its end {end}")
        self.at = len(self.text) - len(self_rest)
        self.tokens[place] = (Piece("text", body, quoted=True),)

    def _word(self) -> Token:
        pieces: list[Piece] = []
        while self.at < len(self.text) and self.text[self.at] not in _ENDS:
            mark = self.text[self.at]
            if mark == "'":
                end = self.text.index("'", self.at + 1)
                pieces.append(Piece("text", self.text[self.at + 1 : end], quoted=True))
                self.at = end + 1
            elif mark == '"':
                self.at += 1
                self._quoted(pieces)
            elif mark == "\\":
                if self.text[self.at + 1] != "\n":
                    pieces.append(Piece("text", self.text[self.at + 1], quoted=True))
                self.at += 2
            elif mark == "$":
                pieces.append(self._dollar(quoted=False))
            elif mark == "`":
                raise Unknown("a command between backquotes")
            else:
                pieces.append(Piece("text", mark, quoted=False))
                self.at += 1
        word = _joined(pieces)
        names_fd = word in _FDS and self.text[self.at : self.at + 1] in ("<", ">")
        return word[0].value if names_fd else word

    def _quoted(self, pieces: list[Piece]) -> None:
        pieces.append(Piece("text", "", quoted=True))
        while (mark := self.text[self.at]) != '"':
            if mark == "\\" and self.text[self.at + 1] in '"\\$`\n':
                pieces.append(Piece("text", self.text[self.at + 1], quoted=True))
                self.at += 2
            elif mark == "$":
                pieces.append(self._dollar(quoted=True))
            else:
                pieces.append(Piece("text", mark, quoted=True))
                self.at += 1
        self.at += 1

    def _dollar(self, *, quoted: bool) -> Piece:
        rest = self.text[self.at + 1 :]
        if rest.startswith("(("):
            end = rest.index("))")
            self.at += end + 3
            return Piece("number", rest[2:end], quoted)
        if rest.startswith("("):
            end = _closing(rest)
            self.at += end + 2
            return Piece("command", rest[1:end], quoted)
        if rest.startswith("{"):
            end = rest.index("}")
            self.at += end + 2
            return Piece("variable", rest[1:end], quoted)
        name = _NAME.match(rest)
        self.at += 1 + (name.end() if name else 0)
        return Piece("variable", name[0], quoted) if name else Piece("text", "$", quoted)


def _closing(text: str) -> int:
    """Where the bracket closes that the text begins with."""
    depth, at = 0, 0
    while at < len(text):
        mark = text[at]
        if mark == "'":
            at = text.index("'", at + 1)
        elif mark == "\\":
            at += 1
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if depth == 0:
            return at
        at += 1
    raise Unknown("a bracket that is not closed")


def _joined(pieces: Sequence[Piece]) -> Word:
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and (last.kind, piece.kind, last.quoted) == ("text", "text", piece.quoted):
            joined[-1] = Piece("text", last.value + piece.value, piece.quoted)
        else:
            joined.append(piece)
    return tuple(joined)


def tokens(text: str) -> Sequence[Token]:
    """Signs as text, words as their pieces; a file descriptor before a redirection is text too.
    Raises Unknown."""
    return _Reader(text).read()
