"""Words of a script, filled in: variables, what commands say, numbers, stars."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.models.call import Call, Sink
from tests.models.tokens import Piece, Word


class Ended(Exception):
    """The script is over."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Words:
    """What a run of a script knows of words. `zero` is what it is called, `status` how the last
    command ended."""

    call: Call
    arguments: Sequence[str] = ()
    stops: bool = False
    pipefail: bool = False
    status: int = 0
    zero: str = "bash"
    _tolerant: int = 0
    _substituted: int = 0

    async def _all(self, text: str) -> int:
        """A script to its end. Raises Ended."""
        raise NotImplementedError

    async def _expand(self, word: Word, io: Call, *, split: bool = True) -> list[str]:
        """Into as many words as it makes: an unquoted value is taken apart, a star is matched."""
        words: list[str | None] = [None]
        stars: set[int] = set()
        for piece in word:
            if (piece.kind, piece.value) == ("variable", "@") and piece.quoted:
                fields = list(self.arguments)
            else:
                value = await self._value(piece, io)
                whole = piece.quoted or piece.kind == "text" or not split
                fields = [value] if whole else value.split()
                if not piece.quoted and "*" in value:
                    stars.add(len(words) - 1)
            if fields:
                words[-1] = (words[-1] or "") + fields[0]
                words += fields[1:]
        found: list[str] = []
        for number, text in enumerate(words):
            if text is not None:
                globbed = number in stars and split
                found += (_matching(text, io) if globbed else []) or [text]
        return found

    async def _value(self, piece: Piece, io: Call) -> str:
        if piece.kind == "text":
            return piece.value
        if piece.kind == "number":
            return str(self._number(piece.value, io))
        if piece.kind == "command":
            sink = Sink()
            own = replace(
                self,
                call=replace(io, out=sink, variables=dict(io.variables)),
                stops=self.stops and not self._tolerant,
            )
            try:
                self._substituted = await own._all(piece.value)
            except Ended as ended:
                self._substituted = ended.code
            return sink.content.decode(errors="replace").rstrip("\n")
        return self._variable(piece.value, io)

    def _variable(self, name: str, io: Call) -> str:
        name, sign, otherwise = name.partition(":-")
        if name.isdigit():
            number = int(name)
            words = [self.zero, *self.arguments]
            return words[number] if number < len(words) else ""
        special = {
            "?": str(self.status),
            "@": " ".join(self.arguments),
            "*": " ".join(self.arguments),
            "#": str(len(self.arguments)),
            "SECONDS": str(int(io.machine.clock - io.machine.booted)),
        }
        return special.get(name) or io.variables.get(name) or (otherwise if sign else "")

    def _number(self, text: str, io: Call) -> int:
        total, sign = 0, 1
        for part in text.replace("+", " + ").replace("-", " - ").split():
            if part in "+-":
                sign = 1 if part == "+" else -1
                continue
            value = part if part.isdigit() else self._variable(part, io)
            total += sign * int(value or 0)
        return total


def _matching(pattern: str, io: Call) -> list[str]:
    """As they are called from where the script stands."""
    there = io.machine.files.matching(io.path(pattern))
    start = "" if pattern.startswith("/") else f"{io.folder.rstrip('/')}/"
    return [path.removeprefix(start) for path in there]
