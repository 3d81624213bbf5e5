"""What runs other programs, and what tells of the system and its time."""

import asyncio
from dataclasses import replace

from tests.models.call import Call, Late, Timer
from tests.models.machine import program
from tests.models.shell import Shell


@program("xargs")
async def xargs(call: Call) -> int:
    given = call.arguments
    skips = given[:1] == ["--no-run-if-empty"]
    words = call.stdin.rest().decode().split()
    if not words and skips:
        return 0
    return await call.run([*given[skips:], *words])


@program("date")
async def date(call: Call) -> int:
    match call.arguments:
        case ["+%s"]:
            call.say(f"{call.machine.clock:.0f}\n")
        case ["+%s.%N"]:
            call.say(f"{call.machine.clock:.9f}\n")
        case ["-d", moment, "+%s"] if moment.startswith("@"):
            call.say(f"{moment[1:]}\n")
        case ["-d", "", "+%s"]:
            call.say("0\n")
        case _:
            return call.refuse()
    return 0


@program("sysctl")
async def sysctl(call: Call) -> int:
    """Settings of the kernel from a file of ours: nothing here goes by them."""
    match call.arguments:
        case ["--quiet", file] if file.startswith("--load=/etc/sysctl.d/"):
            call.machine.files.read(file.removeprefix("--load="))
            return 0
    return call.refuse()


@program("sleep")
async def sleep(call: Call) -> int:
    await asyncio.sleep(0)
    call.timer.spend(float(call.arguments[0]))
    return 0


@program("timeout")
async def timeout(call: Call) -> int:
    seconds, *argv = [word for word in call.arguments if not word.startswith("--")]
    before = call.timer.left
    inner = Timer(call.machine, min(float(seconds), before))
    given = inner.left
    try:
        code = await call.machine.program(replace(call, argv=argv, timer=inner))
    except Late:
        call.timer.left = before - given
        if call.timer.left <= 0:
            raise
        return 124
    call.timer.left = before - (given - inner.left)
    return code


@program("bash", "sh")
async def bash(call: Call) -> int:
    words, letters, pipefail = call.arguments, "", False
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word == "--norc":
            continue
        letters += word
        if word.endswith("o"):
            pipefail = words.pop(0) == "pipefail"
        if "c" in word:
            break
    if "c" not in letters:
        return call.refuse()
    script, *arguments = words
    inner = replace(call, argv=["bash"], variables=dict(call.variables))
    zero = arguments[0] if arguments else "bash"
    shell = Shell(inner, arguments[1:], stops="e" in letters, pipefail=pipefail, zero=zero)
    return await shell.run(script)


@program("env")
async def env(call: Call) -> int:
    words = call.arguments
    while words and "=" in words[0]:
        words.pop(0)
    return await call.run(words)


@program("runuser", "sudo")
async def runuser(call: Call) -> int:
    match call.arguments:
        case ["-u", _, "--", *argv] | ["-u", _, *argv]:
            return await call.run(argv)
    return call.refuse()


@program("uname")
async def uname(call: Call) -> int:
    call.say("x86_64\n")
    return 0 if call.arguments == ["-m"] else call.refuse()


@program("getconf")
async def getconf(call: Call) -> int:
    call.say("glibc 2.36\n")
    return 0 if call.arguments == ["GNU_LIBC_VERSION"] else call.refuse()


@program("id", "useradd")
async def ident(call: Call) -> int:
    users = call.machine.kept.setdefault("users", ["root"])
    name = call.arguments[-1]
    if call.name == "id":
        return int(name not in users)
    users.append(name)
    call.machine.files.make_folder(f"/home/{name}")
    return 0
