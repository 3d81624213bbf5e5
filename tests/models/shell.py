"""A modelled bash: it runs the scripts that go to hosts, on a modelled host."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from tests.models.call import NOT_FOUND, Call, Sink, Source
from tests.models.expanding import Ended, Words
from tests.models.parsing import AndOr, Block, Listing, Pipeline, Redirection, Simple, parse
from tests.models.tokens import Piece, Unknown, Word


class _Left(Exception):
    """A loop is left."""


class _Returned(Exception):
    """A function is left."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Shell(Words):
    """One run of a script. `stops` at its first error; `call` has its variables and its folder."""

    functions: dict[str, Block] = field(default_factory=dict)
    trap: str = ""

    async def run(self, text: str) -> int:
        try:
            code = await self._all(text)
        except Ended as ended:
            code = ended.code
        if self.trap:
            ending, self.trap, self.stops = self.trap, "", False
            await self._all(ending)
        return code

    async def _all(self, text: str) -> int:
        try:
            await self._list(parse(text), self.call)
        except Unknown as unknown:
            self.call.machine.refused.append(f"{unknown}: {text}")
            return self.call.complain(f"not modelled: {unknown}", NOT_FOUND)
        return self.status

    async def _list(self, listing: Listing, io: Call) -> int:
        self.status = 0
        for one in listing:
            await self._and_or(one, io)
        return self.status

    async def _and_or(self, one: AndOr, io: Call) -> None:
        pipelines = [("", one.first), *one.others]
        for number, (sign, pipeline) in enumerate(pipelines):
            if sign and (self.status == 0) != (sign == "&&"):
                continue
            last = number == len(pipelines) - 1
            self._tolerant += not last
            try:
                await self._pipeline(pipeline, io)
            finally:
                self._tolerant -= not last
            if last and self.status and self.stops and not self._tolerant and not pipeline.negated:
                raise Ended(self.status)

    async def _pipeline(self, pipeline: Pipeline, io: Call) -> None:
        self._tolerant += pipeline.negated
        codes, stdin = [], io.stdin
        *before, last = pipeline.commands
        for command in before:
            sink = Sink()
            codes.append(await self._apart(command, replace(io, stdin=stdin, out=sink)))
            stdin = Source(bytes(sink.content))
        one = replace(io, stdin=stdin)
        codes.append(await (self._apart(last, one) if before else self._command(last, one, io)))
        self._tolerant -= pipeline.negated
        failed = [code for code in codes if code] if self.pipefail else codes
        self.status = failed[-1] if failed else 0
        if pipeline.negated:
            self.status = int(self.status == 0)

    async def _apart(self, command: "Simple | Block", io: Call) -> int:
        """In a process of its own: what it sets, and where it goes, is its own."""
        own = replace(self, call=replace(io, variables=dict(io.variables)), trap="")
        try:
            return await own._command(command, own.call, own.call)
        except Ended as ended:
            return ended.code

    async def _command(self, command: "Simple | Block", io: Call, outer: Call) -> int:
        """`outer`: whose folder and variables a command of the shell's own changes."""
        writes: list[tuple[str, Sink, bool]] = []
        try:
            io = await self._redirected(command.redirections, io, writes)
        except OSError as error:
            self.status = io.complain(str(error))
            return self.status
        if isinstance(command, Simple):
            self.status = await self._simple(command, io, outer)
        else:
            self.status = await self._block(command, io)
        for path, sink, more in writes:
            files = io.machine.files
            before = files.read(path) if more and files.is_file(path) else b""
            files.write(path, before + bytes(sink.content), io.machine.clock, io.machine.mask)
        return self.status

    async def _redirected(
        self,
        redirections: Sequence[Redirection],
        io: Call,
        writes: list[tuple[str, Sink, bool]],
    ) -> Call:
        for one in redirections:
            if one.sign == "<<":
                io = replace(io, stdin=Source(one.target[0].value.encode()))
                continue
            (word,) = await self._expand(one.target, io)
            path = io.path(word)
            if one.sign == "<<<":
                io = replace(io, stdin=Source(f"{word}\n".encode()))
            elif one.sign == ">&":
                io = replace(io, out=io.err) if word == "2" else replace(io, err=io.out)
            elif one.sign == "<":
                io = replace(io, stdin=Source(io.machine.files.read(path)))
            else:
                sink = Sink()
                if path != "/dev/null":
                    if one.sign == ">":
                        io.machine.files.write(path, b"", io.machine.clock, io.machine.mask)
                    writes.append((path, sink, one.sign == ">>"))
                io = replace(io, err=sink) if one.fd == 2 else replace(io, out=sink)
        return io

    async def _simple(self, command: Simple, io: Call, outer: Call) -> int:
        io.timer.spend(0.001)
        words = list(command.words)
        set_: dict[str, str] = {}
        self._substituted = 0
        while words and (name := _assigned(words[0])):
            value = _after_sign(words.pop(0))
            set_[name] = " ".join(await self._expand(value, io, split=False))
        argv = [text for word in words for text in await self._expand(word, io)]
        if not argv:
            outer.variables.update(set_)
            return self._substituted
        io = replace(io, argv=argv, variables={**io.variables, **set_})
        if argv[0] in self.functions:
            return await self._function(self.functions[argv[0]], argv[1:], io)
        own = await self._own(io, outer)
        return await io.machine.program(io) if own is None else own

    async def _own(self, io: Call, outer: Call) -> int | None:  # noqa: C901, PLR0912
        """What only a shell can do; None for a program's name."""
        name, *rest = io.argv
        if name == "exit":
            raise Ended(int(rest[0]) if rest else self.status)
        if name == "return":
            raise _Returned(int(rest[0]) if rest else self.status)
        if name == "break":
            raise _Left
        if name == "cd":
            if not io.machine.files.is_folder(io.path(rest[0])):
                return io.complain(f"{rest[0]}: No such file or directory")
            outer.folder = io.path(rest[0])
        elif name == "set":
            self._set(rest)
        elif name in ("export", "local"):
            for word in rest:
                variable, _, value = word.partition("=")
                outer.variables[variable] = value
        elif name == ".":
            text = io.machine.files.read(io.path(rest[0])).decode()
            return await self._list(parse(text), outer)
        elif name == "umask":
            io.machine.mask = 0o666 & ~int(rest[0], 8)
        elif name == "trap":
            self.trap = rest[0]
        elif name == "exec":
            raise Ended(await io.machine.program(replace(io, argv=rest)))
        elif name == "command":
            return 0 if io.machine.has_program(rest[-1]) else 1
        else:
            return None
        return 0

    def _set(self, words: Sequence[str]) -> None:
        for flag in words:
            self.stops = self.stops or (flag.startswith("-") and "e" in flag)
            self.pipefail = self.pipefail or flag == "pipefail"

    async def _function(self, body: Block, arguments: Sequence[str], io: Call) -> int:
        before, self.arguments = self.arguments, arguments
        try:
            return await self._list(body.lists[0], io)
        except _Returned as returned:
            return returned.code
        finally:
            self.arguments = before

    async def _block(self, block: Block, io: Call) -> int:  # noqa: C901, PLR0911, PLR0912  # one for each kind
        if block.kind == "function":
            self.functions[block.name] = block
            return 0
        if block.kind == "group":
            return await self._list(block.lists[0], io)
        if block.kind == "apart":
            own = replace(self, call=replace(io, variables=dict(io.variables)), trap="")
            try:
                return await own._list(block.lists[0], own.call)
            except Ended as ended:
                return ended.code
        if block.kind == "if":
            *pairs, last = (
                block.lists if len(block.lists) % 2 else (*block.lists, ())
            )  # the last list is the one of `else`
            for condition, then in zip(pairs[::2], pairs[1::2], strict=True):
                if await self._holds(condition, io):
                    return await self._list(then, io)
            return await self._list(last, io)
        if block.kind == "case":
            return await self._case(block, io)
        try:
            if block.kind == "for":
                for word in block.words:
                    for value in await self._expand(word, io):
                        io.variables[block.name] = value
                        await self._list(block.lists[0], io)
            else:
                while await self._holds(block.lists[0], io) == (block.kind == "while"):
                    await self._list(block.lists[1], io)
        except _Left:
            return 0
        return self.status

    async def _holds(self, condition: Listing, io: Call) -> bool:
        self._tolerant += 1
        try:
            return await self._list(condition, io) == 0
        finally:
            self._tolerant -= 1

    async def _case(self, block: Block, io: Call) -> int:
        subject = " ".join(await self._expand(block.words[0], io, split=False))
        for patterns, then in zip(block.patterns, block.lists, strict=True):
            for pattern in patterns:
                if fnmatchcase(subject, " ".join(await self._expand(pattern, io, split=False))):
                    return await self._list(then, io)
        return 0


def _assigned(word: Word) -> str:
    """The name that a word like `name=value` sets; empty for any other."""
    if word[0].kind != "text" or word[0].quoted:
        return ""
    name, sign, _ = word[0].value.partition("=")
    return name if sign and name.isidentifier() else ""


def _after_sign(word: Word) -> Word:
    rest = word[0].value.partition("=")[2]
    return (Piece("text", rest, quoted=True), *word[1:])
