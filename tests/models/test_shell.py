"""The modelled shell and its programs do what bash and coreutils do: the same scripts by both."""

import subprocess
from pathlib import Path

import pytest
from tests.models.call import NOT_FOUND
from tests.models.machine import Machine

ROOM = "/srv/room"
SCRIPTS = {
    "lists": "true && echo a || echo b; false || echo c; false && echo d; echo $?",
    "the first error ends it": "set -e; false && true; echo on; false; echo never",
    "a condition may fail": """
        set -e; if false; then echo a; elif true; then echo b; fi; ! true; echo c""",
    "pipes": "set -o pipefail; printf 'b\\na\\n' | cat | wc -l; false | true; echo $?",
    "words": """x='a  b'; echo $x; echo "$x"; echo ${x} ${y:-none} "${y:-}" end""",
    "quoting": """echo 'a$x' "a\\$x" a\\ b "$(echo 'in (side')" """,
    "arguments": """f() { echo $# "$1"; return 3; }; f 'a b' c || echo $?""",
    "numbers": "n=2; echo $((n + 3)) $((10 - n))",
    "redirections": """
        echo a >f; echo b >>f; cat <f; cat nothing 2>/dev/null || echo gone; cat f 2>&1""",
    "errors apart": "x=$({ echo out; echo err >&2; } 2>&1 >/dev/null); echo [$x]",
    "a document": "cat >f <<'END'\na $x\nEND\ncat f; cat <<<word",
    "loops": """
        for n in 1 2 3; do [ $n = 2 ] && break; echo $n; done
        until [ -e f ]; do touch f; done; echo f""",
    "a choice": """
        for w in abc xyz; do case $w in a* | q) echo one ;; *) echo other ;; esac; done""",
    "a place of its own": """
        (cd /; x=1); echo ${x:-unset}; mkdir -p d; cd d; echo a >g; cd ..; cat d/g""",
    "stars": "touch a1 a2 b1; echo a*; echo c*; rm -f a*; ls",
    "files": """
        [ -e f ] || echo no; : >f; [ -s f ] || echo empty; [ -f f ] && test ! -d f && echo file""",
    "moves": "echo a >f; mkdir d; mv f d; ls d; mv -fT d/f g; cat g; rm -rf d; ls",
    "modes": "umask 077; echo a >f; find . -type f -perm 0600; chmod 640 f; find . -perm 0640",
    "finding": """
        mkdir -p a/b; touch a/x.now a/b/y; find a -type f -name '*.now'
        find a -mindepth 1 -delete; ls a""",
    "sums": "echo a >f; sha256sum -- f; sha256sum f | sha256sum --check --status; echo $?",
    "compares": "echo a >f; echo a | cmp -s - f && echo same; echo b | cmp -s - f || echo other",
    "heads and tails": "seq 20 | tail -n 2; seq 20 | head -n 1; printf 'x/y\\n' | sed 's#.*/##'",
    "greps": "printf 'a\\nb\\n' >f; grep -qs a f && echo yes; grep -qs z f || echo no; grep b f",
    "what it is not": """
        no-such-program 2>/dev/null; echo $?; command -v no-such-program || echo none""",
    "other shells": """
        bash -c 'echo $0 $1; exit 4' - word || echo $?
        bash -euc 'false; echo never' || echo ended""",
    "an ending": "trap 'echo bye' EXIT; echo hello; exit 2",
    "in time": "timeout 5 sleep 0.01 && echo in time; timeout 0.1 sleep 9 || echo $?",
    "nothing to run": "true | xargs --no-run-if-empty echo; echo a b | xargs echo c",
    "its own process": "set -e; x=$(echo a; false) || echo failed; echo $x",
}


def really(script: str, folder: Path) -> tuple[int, str, set[str]]:
    """How bash ends it, what it says, and what it leaves in the folder."""
    argv = ["bash", "--norc", "-c", script]
    real = subprocess.run(argv, cwd=folder, capture_output=True, check=False, timeout=60)
    left = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    return real.returncode, real.stdout.decode(), left


@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_script_says_and_leaves_what_it_does_in_a_real_shell(
    name: str, tmp_path: Path
) -> None:
    script = SCRIPTS[name]
    machine = Machine("192.0.2.1")
    machine.files.make_folder(ROOM)
    code, out, _ = await machine.execute(["bash", "-c", f"cd {ROOM}\n{script}"], b"", 60)
    assert machine.refused in ([], ["no-such-program"])
    left = {path.removeprefix(f"{ROOM}/") for path in machine.files.below(ROOM)}
    assert (code, out.decode(), left) == really(script, tmp_path)


@pytest.mark.parametrize(
    "script", ["sleep 1 &", "x=`true`", "sed s/a/b/", "find / -newer x", "ls |"]
)
async def test_what_is_not_modelled_is_refused_and_told(script: str) -> None:
    machine = Machine("192.0.2.1")
    code, _, said = await machine.execute(script, b"", 60)
    assert code == NOT_FOUND
    assert b"not modelled" in said
    assert machine.refused


async def test_a_program_is_not_there_before_its_package_is() -> None:
    machine = Machine("192.0.2.1")
    assert (await machine.execute(["rclone", "version"], b"", 60))[0] == NOT_FOUND
    machine.packages.add("rclone")
    assert not machine.refused, "a real server says so as well"
