"""coreutils and their like, as far as scripts for hosts use them: what works on text."""

import hashlib
import re

from tests.models.call import Call
from tests.models.machine import program
from tests.models.programs import isolation

from liferaft.hosts.isolation.units import PROGRAM
from liferaft.remote import digests


def flags(call: Call, known: str, *, valued: str = "") -> tuple[dict[str, str], list[str]] | None:
    """Options and operands; None for an option that is not `known`: the letters of short ones, or
    `-` for none, and behind them the long ones. `valued` letters take a value."""
    short, *long = known.split()
    found: dict[str, str] = {}
    rest: list[str] = []
    words = call.arguments
    while words:
        word = words.pop(0)
        if word == "--":
            return found, [*rest, *words]
        if word.startswith("--"):
            name, _, value = word.partition("=")
            if name not in long:
                return None
            found[name] = value
        elif word.startswith("-") and len(word) > 1:
            for at, letter in enumerate(word[1:], start=2):
                if letter in valued:
                    found[letter] = word[at:] or words.pop(0)
                    break
                if letter not in short:
                    return None
                found[letter] = ""
        else:
            rest.append(word)
    return found, rest


@program("true", ":", "sync")
async def true(_: Call) -> int:
    return 0


@program("false")
async def false(_: Call) -> int:
    return 1


@program("python3")
async def python3(call: Call) -> int:
    match call.arguments:
        case ["--version"]:
            return 0
        case ["-I", "-c", text, name] if text == digests.PROGRAM:
            content = call.machine.files.read(call.path(name))
            call.say(f"{hashlib.sha256(content).hexdigest()}\n")
            return 0
        case ["-I", program_, "try", told_at] if program_ == PROGRAM:
            return await isolation.tried(call, told_at)
        case ["-I", program_, "told", _] if program_ == PROGRAM:
            return isolation.told(call)
    return call.refuse()


@program("echo")
async def echo(call: Call) -> int:
    call.say(" ".join(call.arguments) + "\n")
    return 0


@program("yes")
async def yes(call: Call) -> int:
    while True:
        call.out.write(b"y\n" * 65536)


@program("seq")
async def seq(call: Call) -> int:
    call.say("".join(f"{number}\n" for number in range(1, int(call.arguments[0]) + 1)))
    return 0


@program("printf")
async def printf(call: Call) -> int:
    form, *values = call.arguments
    form = form.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
    places = form.count("%s")
    if form.count("%") != places:
        return call.refuse()
    if not places:
        call.say(form)
        return 0
    values += [""] * (-len(values) % places or (places if not values else 0))
    for at in range(0, len(values), places):
        call.say(form % tuple(values[at : at + places]))
    return 0


@program("cat")
async def cat(call: Call) -> int:
    given = flags(call, "-")
    if given is None:
        return call.refuse()
    code = 0
    if not given[1]:
        call.out.write(call.stdin.rest())
    for name in given[1]:
        try:
            call.out.write(call.machine.files.read(call.path(name)))
        except OSError as error:
            code = call.complain(str(error))
    return code


@program("head", "tail")
async def head(call: Call) -> int:
    given = flags(call, "- --bytes --lines", valued="n")
    if given is None:
        return call.refuse()
    options, names = given
    content = call.machine.files.read(call.path(names[0])) if names else call.stdin.rest()
    if "--bytes" in options:
        if call.name == "head":
            return await _first(call, content, options)
        call.out.write(content[-int(options["--bytes"]) :])
        return 0
    lines = content.splitlines(keepends=True)
    count = int(options.get("n") or options.get("--lines") or 10)
    call.out.write(b"".join(lines[:count] if call.name == "head" else lines[-count:]))
    return 0


async def _first(call: Call, content: bytes, options: dict[str, str]) -> int:
    call.out.write(content[: int(options["--bytes"] or 65536)])
    return 0


@program("wc")
async def wc(call: Call) -> int:
    if call.arguments != ["-l"]:
        return call.refuse()
    call.say(f"{call.stdin.rest().count(10)}\n")
    return 0


@program("sed")
async def sed(call: Call) -> int:
    if call.arguments != ["s#.*/##"]:
        return call.refuse()
    lines = call.stdin.rest().decode().splitlines()
    call.say("".join(f"{line.rpartition('/')[2]}\n" for line in lines))
    return 0


@program("grep")
async def grep(call: Call) -> int:
    given = flags(call, "qs")
    if given is None:
        return call.refuse()
    pattern, *names = given[1]
    files = call.machine.files
    paths = [call.path(name) for name in names]
    text = "\n".join(files.read(path).decode() for path in paths if files.is_file(path))
    lines = (text if names else call.stdin.rest().decode()).splitlines()
    found = [line for line in lines if re.search(pattern, line)]
    if "q" not in given[0]:
        call.say("".join(f"{line}\n" for line in found))
    return int(not found)
