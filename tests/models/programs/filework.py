"""coreutils and their like, as far as scripts for hosts use them: what works on files."""

import hashlib
import posixpath
import re
from collections.abc import Callable

from tests.models.call import Call
from tests.models.files import Files
from tests.models.machine import program
from tests.models.programs.basics import flags


@program("test", "[")
async def test(call: Call) -> int:
    words = call.arguments
    if call.name == "[":
        words = words[:-1]
    negated = words[:1] == ["!"]
    found = _tested(call, words[negated:])
    if found is None:
        return call.refuse()
    return int(found == negated)


def _tested(call: Call, words: list[str]) -> bool | None:  # noqa: C901, PLR0911  # a table
    files = call.machine.files
    numbers: dict[str, Callable[[int, int], bool]] = {
        "-eq": lambda a, b: a == b,
        "-ne": lambda a, b: a != b,
        "-lt": lambda a, b: a < b,
        "-le": lambda a, b: a <= b,
        "-gt": lambda a, b: a > b,
        "-ge": lambda a, b: a >= b,
    }
    match words:
        case []:
            return False
        case [word]:
            return bool(word)
        case ["-n", word]:
            return bool(word)
        case ["-z", word]:
            return not word
        case ["-e", name]:
            return call.path(name) in files.there
        case ["-f", name]:
            return files.is_file(call.path(name))
        case ["-d", name]:
            return files.is_folder(call.path(name))
        case ["-s", name]:
            return files.is_file(call.path(name)) and bool(files.read(call.path(name)))
        case [one, "=", other]:
            return one == other
        case [one, "!=", other]:
            return one != other
        case [one, sign, other] if sign in numbers:
            return numbers[sign](int(one), int(other))
    return None


@program("mkdir")
async def mkdir(call: Call) -> int:
    given = flags(call, "p", valued="m")
    if given is None:
        return call.refuse()
    for name in given[1]:
        if "p" not in given[0] and call.path(name) in call.machine.files.there:
            return call.complain(f"{name}: File exists")
        call.machine.files.make_folder(call.path(name), (call.machine.mask | 0o111) & 0o777)
    return 0


@program("install")
async def install(call: Call) -> int:
    given = flags(call, "d", valued="mog")
    if given is None or "d" not in given[0]:
        return call.refuse()
    files, owner = call.machine.files, given[0].get("o", "root")
    for name in given[1]:
        files.make_folder(call.path(name))
        mode, group = int(given[0].get("m", "755"), 8), given[0].get("g", owner)
        files.give(call.path(name), mode=mode, owner=f"{owner}:{group}")
    return 0


@program("rm")
async def rm(call: Call) -> int:
    given = flags(call, "rf")
    if given is None:
        return call.refuse()
    for name in given[1]:
        path = call.path(name)
        if path not in call.machine.files.there:
            if "f" not in given[0]:
                return call.complain(f"{path}: No such file or directory")
            continue
        if call.machine.files.is_folder(path) and "r" not in given[0]:
            return call.complain(f"{path}: Is a directory")
        call.machine.files.remove(path)
    return 0


@program("mv")
async def mv(call: Call) -> int:
    given = flags(call, "fT")
    if given is None:
        return call.refuse()
    source, target = map(call.path, given[1])
    files = call.machine.files
    if files.is_folder(target) and "T" not in given[0]:
        target = posixpath.join(target, posixpath.basename(source))
    if not files.is_folder(posixpath.dirname(target)):
        return call.complain(f"{target}: No such file or directory")
    files.move(source, target)
    return 0


@program("cp")
async def cp(call: Call) -> int:
    source, target = map(call.path, call.arguments)
    call.machine.files.write(target, call.machine.files.read(source), call.machine.clock)
    return 0


@program("touch")
async def touch(call: Call) -> int:
    for name in call.arguments:
        path = call.path(name)
        before = call.machine.files.read(path) if call.machine.files.is_file(path) else b""
        call.machine.files.write(path, before, call.machine.clock)
    return 0


USERS = frozenset({"root", "postgres", "caddy", "liferaft", "nobody"})


def _change(call: Call, change: Callable[[str], None]) -> int:
    given = flags(call, "R")
    if given is None:
        return call.refuse()
    _, *names = given[1]
    for name in names:
        path = call.path(name)
        if path not in call.machine.files.there:
            return call.complain(f"{path}: No such file or directory")
        for one in [path, *(call.machine.files.below(path) if "R" in given[0] else ())]:
            change(one)
    return 0


@program("chmod")
async def chmod(call: Call) -> int:
    given = flags(call, "R")
    word = given[1][0] if given else ""
    files = call.machine.files
    if word == "u=rwX,go=":
        return _change(
            call, lambda path: files.give(path, mode=0o600 if files.is_file(path) else 0o700)
        )
    if not word.isdigit():
        return call.refuse()
    return _change(call, lambda path: files.give(path, mode=int(word, 8)))


@program("chown", "chgrp")
async def chown(call: Call) -> int:
    given = flags(call, "R")
    word = given[1][0] if given else ""
    files = call.machine.files
    if call.name == "chgrp":
        return _change(
            call,
            lambda path: files.give(
                path, owner=f"{files.there[path].owner.partition(':')[0]}:{word}"
            ),
        )
    user = word.partition(":")[0]
    if user not in USERS and not user.isdigit():
        return call.complain(f"invalid user: {word}")
    return _change(call, lambda path: files.give(path, owner=word))


@program("sha256sum")
async def sha256sum(call: Call) -> int:
    given = flags(call, "- --check --status")
    if given is None:
        return call.refuse()
    files, code = call.machine.files, 0
    if "--check" in given[0]:
        for line in call.stdin.rest().decode().splitlines():
            digest, _, name = line.partition("  ")
            path = call.path(name)
            same = files.is_file(path) and hashlib.sha256(files.read(path)).hexdigest() == digest
            code = code if same else 1
        return code
    for name in given[1]:
        try:
            call.say(f"{hashlib.sha256(files.read(call.path(name))).hexdigest()}  {name}\n")
        except OSError as error:
            code = call.complain(str(error))
    return code


@program("cmp")
async def cmp(call: Call) -> int:
    given = flags(call, "s")
    if given is None:
        return call.refuse()
    contents = [
        call.stdin.rest() if name == "-" else call.machine.files.read(call.path(name))
        for name in given[1]
    ]
    return int(contents[0] != contents[1])


@program("ls")
async def ls(call: Call) -> int:
    folder = call.path(call.arguments[0] if call.arguments else ".")
    names = [path for path in call.machine.files.below(folder) if posixpath.dirname(path) == folder]
    call.say("".join(f"{posixpath.basename(path)}\n" for path in names))
    return 0


@program("find")
async def find(call: Call) -> int:
    """`find FOLDER` and tests that all have to hold; each path is printed, or deleted."""
    words = call.arguments
    folder = "." if not words or words[0].startswith("-") else words.pop(0)
    files, root = call.machine.files, call.path(folder)
    if root not in files.there:
        return call.complain(f"{folder}: No such file or directory")
    found = [root, *files.below(root)]
    negated = False
    deletes = False
    while words:
        word = words.pop(0)
        if word in ("-not", "!"):
            negated = True
            continue
        if word == "-delete":
            deletes = True
            continue
        value = words.pop(0)
        holds = _found_by(word, value, files, root)
        if holds is None:
            return call.refuse()
        found = [path for path in found if holds(path) != negated]
        negated = False
    for path in sorted(found, reverse=deletes):
        if deletes:
            files.remove(path)
        else:
            call.say(f"{folder}{path.removeprefix(root)}\n")
    return 0


def _found_by(word: str, value: str, files: Files, root: str) -> Callable[[str], bool] | None:
    pattern = re.compile(
        re.escape(value.replace(".", root, 1) if value.startswith("./") else value).replace(
            r"\*", ".*"
        )
    )
    tests: dict[str, Callable[[str], bool]] = {
        "-mindepth": lambda path: path.removeprefix(root).count("/") >= int(value),
        "-maxdepth": lambda path: path.removeprefix(root).count("/") <= int(value),
        "-type": lambda path: files.is_file(path) == (value == "f"),
        "-name": lambda path: bool(pattern.fullmatch(posixpath.basename(path))),
        "-path": lambda path: bool(pattern.fullmatch(path)),
        "-perm": lambda path: files.there[path].mode == int(value, 8),
        "-user": lambda path: files.there[path].owner.partition(":")[0] == value,
    }
    return tests.get(word)


@program("stat")
async def stat(call: Call) -> int:
    if call.arguments[:2] != ["-c", "%Y"]:
        return call.refuse()
    path = call.path(call.arguments[2])
    if path not in call.machine.files.there:
        return call.complain(f"{path}: No such file or directory")
    call.say(f"{call.machine.files.there[path].at:.0f}\n")
    return 0


@program("openssl")
async def openssl(call: Call) -> int:
    """No certificate of a model is one."""
    return call.complain("unable to load certificate")
