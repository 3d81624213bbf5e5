"""Files of an operator: what is none is told at once, and nothing is waited or read for ever."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.config.test_credentials import ENVIRON
from tests.loading import load

from liferaft import texts
from liferaft.config import ConfigInvalid, VariablesUnusable, resolve
from liferaft.config.problems import MOST_SHOWN, Problem
from liferaft.config.syntax import MOST_MISTAKES
from liferaft.failures import BadInput
from liferaft_sandbox.vendors.certificates import Authority


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "liferaft.toml")
    with pytest.raises(BadInput, match=r"liferaft\.toml cannot be read: it is no file"):
        load(tmp_path / "liferaft.toml")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/"])
def test_what_is_no_file_is_not_read(tmp_path: Path, device: str) -> None:
    (tmp_path / "liferaft.toml").symlink_to(device)
    with pytest.raises(BadInput, match="it is no file"):
        load(tmp_path / "liferaft.toml")


def test_a_file_of_megabytes_is_something_else(tmp_path: Path) -> None:
    path = tmp_path / "liferaft.toml"
    path.write_bytes(b"#" * texts.LARGEST)
    with pytest.raises(ConfigInvalid):
        load(path)
    path.write_bytes(b"#" * (texts.LARGEST + 1))
    with pytest.raises(BadInput, match="it is larger than 256 KiB"):
        load(path)


def test_bytes_of_another_encoding_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "liferaft.toml"
    path.write_bytes("[app]\nname = 'fa\u00e7ade'\n".encode("latin-1"))
    with pytest.raises(BadInput, match=r"line 2 holds bytes that are no UTF-8"):
        load(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_any_editor_ends_them(tmp_path: Path, end: str) -> None:
    path = tmp_path / "text"
    path.write_bytes(f"\ufeffa{end}b".encode())
    assert texts.read_text(path) == "a\nb"


def test_a_file_in_no_language_is_told_by_its_first_lines_alone(tmp_path: Path) -> None:
    path = tmp_path / "liferaft.toml"
    path.write_text("these are just words\n" * 10_000)
    with pytest.raises(ConfigInvalid) as caught:
        load(path)
    assert [one.line for one in caught.value.problems] == list(range(1, MOST_MISTAKES + 1))


def test_thousands_of_problems_are_counted_and_not_all_shown(tmp_path: Path) -> None:
    path = tmp_path / "liferaft.toml"
    path.write_text("".join(f"k{number} = 1\n" for number in range(9000)))
    with pytest.raises(ConfigInvalid) as caught:
        load(path)
    told = caught.value.facts.happened
    assert len(caught.value.problems) > 9000
    assert len(told.splitlines()) == MOST_SHOWN + 2
    assert told.endswith(f"… and {len(caught.value.problems) - MOST_SHOWN} more")


def test_a_problem_holds_nothing_that_a_terminal_would_obey() -> None:
    told = str(Problem(1, "a\x1b[31m", "no \x07 bell\u202e", "x" * 5000))
    assert "a\\x1b[31m: no \\x07 bell\\u202e" in told
    assert len(told) < 1000


def test_certificates_are_read_with_what_is_written_between_them(tmp_path: Path) -> None:
    one, two = Authority("one").root(), Authority("two").root()
    path = tmp_path / "ca.pem"
    path.write_bytes("\u00fcber eins\n".encode() + one + b"\n" + two.rstrip())
    assert texts.read_authority(path) == path.read_bytes() + b"\n"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "it holds no certificate in PEM"),
        (b"words", "it holds no certificate in PEM"),
        (
            b"-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n",
            "it holds a certificate that is damaged",
        ),
        (None, "No such file or directory"),
    ],
)
@pytest.mark.parametrize("way", ["vault", "cloud", "acme"])
def test_an_authority_that_is_none_is_told_before_anything_is_asked(
    valid: str, written: Callable[[str], Path], body: bytes | None, reason: str, way: str
) -> None:
    """An SDK would end in a traceback; a server would get it after the name has moved."""
    text = valid
    if way == "vault":
        text = valid.replace("[vaults.main]\n", "[vaults.main]\nca_file = 'env/LIFERAFT_CA_FILE'\n")
    if way == "acme":
        text = valid.replace("[tls]\n", "[tls]\nca_file = 'env/LIFERAFT_CA_FILE'\n")
    config = load(written(text))
    path = config.app.compose.with_name("ca.pem")
    if body is not None:
        path.write_bytes(body)
    environ = {**ENVIRON, "LIFERAFT_CA_FILE": str(path)}
    with pytest.raises(VariablesUnusable) as caught:
        resolve(config, environ, site="one" if way == "cloud" else None)
    assert set(caught.value.flaws) == {"LIFERAFT_CA_FILE"}
    assert caught.value.flaws["LIFERAFT_CA_FILE"].startswith(reason)
    path.write_bytes(Authority("test").root())
    resolve(config, environ, site="one")


@pytest.mark.parametrize("key", ["ca_file", "acme_ca_file"])
def test_an_authority_that_the_file_names_is_looked_into_as_well(
    valid: str, written: Callable[[str], Path], key: str
) -> None:
    text = valid.replace("[tls]\n", f"[tls]\n{key} = 'compose.yaml'\n")
    with pytest.raises(VariablesUnusable, match=rf"^tls\.{key} .*compose\.yaml cannot be used"):
        resolve(load(written(text)), ENVIRON)


PRIVATE, STAGING = (
    "https://ca.example.test/acme/directory",
    "https://acme-staging-v02.api.letsencrypt.org/directory",
)


@pytest.mark.parametrize(
    ("directory", "named", "users", "api"),
    [
        (PRIVATE, ("ca_file",), "ca_file", "ca_file"),
        (PRIVATE, ("ca_file", "acme_ca_file"), "ca_file", "acme_ca_file"),
        (PRIVATE, (), None, None),
        (STAGING, ("ca_file",), "ca_file", None),
        (STAGING, ("ca_file", "acme_ca_file"), "ca_file", "acme_ca_file"),
    ],
)
def test_a_private_authority_that_was_named_once_is_trusted_by_caddy_as_it_was(
    valid: str,
    written: Callable[[str], Path],
    tmp_path: Path,
    directory: str,
    named: tuple[str, ...],
    users: str | None,
    api: str | None,
) -> None:
    for key in named:
        (tmp_path / f"{key}.pem").write_bytes(Authority(key).root())
    told = "".join(f"{key} = '{key}.pem'\n" for key in named)
    text = valid.replace("[tls]\n", f"[tls]\nacme_directory = '{directory}'\n{told}")
    found = resolve(load(written(text)), ENVIRON)
    trusted = (found.users_ca_file, found.acme_ca_file)
    assert tuple(path and path.stem for path in trusted) == (users, api)
