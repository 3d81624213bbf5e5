"""As much of the shell's grammar as scripts for hosts use. What it does not know it refuses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tests.models.tokens import REDIRECTS, Token, Unknown, Word, tokens


@dataclass(frozen=True)
class Redirection:
    fd: int
    sign: str
    target: Word


@dataclass(frozen=True)
class Simple:
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True)
class Block:
    """`{ …; }` or `( … )`, a loop, a choice: whatever has lists in it."""

    kind: str
    lists: tuple["Listing", ...]
    words: tuple[Word, ...] = ()
    patterns: tuple[tuple[Word, ...], ...] = ()
    name: str = ""
    redirections: tuple[Redirection, ...] = ()


@dataclass(frozen=True)
class Pipeline:
    commands: tuple["Simple | Block", ...]
    negated: bool = False


@dataclass(frozen=True)
class AndOr:
    first: Pipeline
    others: tuple[tuple[str, Pipeline], ...] = ()


Listing = tuple[AndOr, ...]
_FUNCTION: Final = re.compile(r"[A-Za-z_]\w*")


@dataclass
class _Parser:
    tokens: Sequence[Token]
    at: int = 0

    def _next(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _keyword(self) -> str:
        """The next word as it stands, if nothing in it is quoted or filled in."""
        token = self._next()
        if isinstance(token, tuple) and len(token) == 1:
            (piece,) = token
            if piece.kind == "text" and not piece.quoted:
                return piece.value
        return ""

    def _expect(self, word: str) -> None:
        self._skip_lines()
        if (self._keyword() or self._next()) != word:
            raise Unknown(f"{self._next()} where {word} belongs")
        self.at += 1

    def _skip_lines(self) -> None:
        while self._next() in ("\n", ";"):
            self.at += 1

    def listing(self, *ends: str) -> Listing:
        """Up to one of the words or signs that end it, which is not taken."""
        found: list[AndOr] = []
        self._skip_lines()
        while (token := self._next()) is not None:
            if token in ends or self._keyword() in ends:
                break
            found.append(self._and_or())
            if self._next() == "&":
                raise Unknown("a command behind")
            self._skip_lines()
        return tuple(found)

    def _and_or(self) -> AndOr:
        first, others = self._pipeline(), []
        while (sign := self._next()) in ("&&", "||"):
            self.at += 1
            while self._next() == "\n":
                self.at += 1
            others.append((str(sign), self._pipeline()))
        return AndOr(first, tuple(others))

    def _pipeline(self) -> Pipeline:
        negated = self._keyword() == "!"
        self.at += negated
        commands = [self._command()]
        while self._next() == "|":
            self.at += 1
            while self._next() == "\n":
                self.at += 1
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    def _command(self) -> Simple | Block:
        block = self._block()
        if block is None:
            return self._simple()
        redirections: list[Redirection] = []
        while self._redirection(redirections):
            pass
        return Block(
            block.kind, block.lists, block.words, block.patterns, block.name, tuple(redirections)
        )

    def _block(self) -> Block | None:  # noqa: PLR0911  # one for each word that begins one
        word = self._keyword()
        if self._next() == "(":
            self.at += 1
            return self._until(Block("apart", (self.listing(")"),)), ")")
        if word == "{":
            self.at += 1
            return self._until(Block("group", (self.listing("}"),)), "}")
        if word in ("while", "until"):
            self.at += 1
            condition = self.listing("do")
            self._expect("do")
            return self._until(Block(word, (condition, self.listing("done"))), "done")
        if word == "if":
            return self._if()
        if word == "for":
            return self._for()
        if word == "case":
            return self._case()
        after = self.tokens[self.at + 1 : self.at + 3]
        if _FUNCTION.fullmatch(word) and after == ["(", ")"]:
            self.at += 3
            self._expect("{")
            return self._until(Block("function", (self.listing("}"),), name=word), "}")
        return None

    def _until(self, block: Block, end: str) -> Block:
        self._expect(end)
        return block

    def _if(self) -> Block:
        lists: list[Listing] = []
        while self._keyword() in ("if", "elif"):
            self.at += 1
            lists.append(self.listing("then"))
            self._expect("then")
            lists.append(self.listing("elif", "else", "fi"))
        if self._keyword() == "else":
            self.at += 1
            lists.append(self.listing("fi"))
        return self._until(Block("if", tuple(lists)), "fi")

    def _for(self) -> Block:
        self.at += 1
        name = self._keyword()
        self.at += 1
        self._expect("in")
        words: list[Word] = []
        while isinstance(token := self._next(), tuple):
            words.append(token)
            self.at += 1
        self._expect("do")
        return self._until(Block("for", (self.listing("done"),), tuple(words), name=name), "done")

    def _case(self) -> Block:
        self.at += 1
        subject = self._next()
        assert isinstance(subject, tuple)
        self.at += 1
        self._expect("in")
        self._skip_lines()
        patterns: list[tuple[Word, ...]] = []
        lists: list[Listing] = []
        while self._keyword() != "esac":
            pattern: list[Word] = []
            while (token := self._next()) != ")":
                if isinstance(token, tuple):
                    pattern.append(token)
                elif token != "|":
                    raise Unknown(f"{token} in a pattern")
                self.at += 1
            self.at += 1
            patterns.append(tuple(pattern))
            lists.append(self.listing(";;", "esac"))
            if self._next() == ";;":
                self.at += 1
            self._skip_lines()
        return self._until(Block("case", tuple(lists), (subject,), tuple(patterns)), "esac")

    def _simple(self) -> Simple:
        words: list[Word] = []
        redirections: list[Redirection] = []
        while True:
            if self._redirection(redirections):
                continue
            token = self._next()
            if not isinstance(token, tuple):
                break
            words.append(token)
            self.at += 1
        if not words and not redirections:
            raise Unknown(f"{self._next()!r} where a command belongs")
        return Simple(tuple(words), tuple(redirections))

    def _redirection(self, found: list[Redirection]) -> bool:
        number = self._next()
        has_number = number in ("0", "1", "2")
        self.at += has_number
        sign = self._next()
        if sign not in REDIRECTS:
            return False
        self.at += 1
        target = self._next()
        if not isinstance(target, tuple):
            raise Unknown(f"{sign} to nowhere")
        self.at += 1
        fd = int(str(number)) if has_number else 0 if str(sign).startswith("<") else 1
        found.append(Redirection(fd, str(sign), target))
        return True


@lru_cache(maxsize=2048)
def parse(text: str) -> Listing:
    """Raises Unknown."""
    parser = _Parser(tokens(text))
    found = parser.listing()
    if parser.at < len(parser.tokens):
        raise Unknown(f"{parser.tokens[parser.at]!r} where a command belongs")
    return found
