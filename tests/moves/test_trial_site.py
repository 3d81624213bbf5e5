"""The site of a drill: beside the standby, and sharing nothing with it."""

from pathlib import Path

import pyrage
import pytest
from obstore.store import MemoryStore
from pydantic import SecretStr

from liferaft.config import Config, VaultCredentials
from liferaft.config.app_secrets import SecretConfig
from liferaft.config.credentials import AccessKeyPair
from liferaft.config.drill_check import CheckCommand
from liferaft.config.drills import DrillConfig
from liferaft.failures import BadInput
from liferaft.moves.trial_site import (
    _only_reading,
    apart,
    require_described,
    require_secrets,
    trial_config,
    trial_site,
)
from liferaft.secrets import AppSecrets, KeptSecrets, SecretsChain, SetSecret, ToldSecrets
from liferaft.vault import (
    CheckedVault,
    EveryVault,
    KeyMissing,
    StoredVault,
    VaultUnavailable,
    layout,
    silent_vaults,
)

COMPOSE = """
services:
  web: {image: "a/web:1", ports: ["8080:80"], depends_on: [cache], environment: {MAIL: smtp.x}}
  cache: {image: "a/cache:1"}
  worker: {image: "a/worker:1"}
"""


def pair(name: str) -> AccessKeyPair:
    return AccessKeyPair(SecretStr(name), SecretStr(f"{name}-secret"))


def test_it_is_as_the_standby_without_dns_vendors_and_without_timers(config: Config) -> None:
    found = trial_config(config, "north")
    assert found.sites["north-drill"] == config.sites["north"]
    assert not found.dns.vendors
    assert found.snapshots.every is None
    assert found.primary == config.primary


def test_a_site_that_is_not_there_or_whose_drills_name_is_taken_is_refused(config: Config) -> None:
    with pytest.raises(BadInput, match="no site mars"):
        trial_config(config, "mars")
    taken = {**config.sites, trial_site("north"): config.sites["north"]}
    with pytest.raises(BadInput, match="a site north-drill"):
        trial_config(config.model_copy(update={"sites": taken}), "north")


def test_its_servers_get_the_keys_that_only_read() -> None:
    keys = VaultCredentials(
        SecretStr("all"), SecretStr("s"), hosts=pair("adds"), reading=pair("reads")
    )
    found = _only_reading(keys)
    for given in (found, found.held_by_hosts(), found.for_reading()):
        assert given.access_key_id is not None
        assert given.access_key_id.get_secret_value() == "reads"


def test_of_several_vaults_none_is_written_to() -> None:
    stores = [StoredVault(name, MemoryStore()) for name in ("main", "depot")]
    real = EveryVault([CheckedVault(one) for one in stores])
    real.put(layout.machine_image("north"), b"an image")
    before = [{key: one.get(key) for key in one.list()} for one in stores]
    seen = apart(real, "north")
    seen.put("pins/north-drill/db-1.json", b"a pin")
    assert seen.get(layout.machine_image("north-drill")) == b"an image"
    assert [{key: one.get(key) for key in one.list()} for one in stores] == before


def test_a_vault_that_is_denied_is_neither_read_nor_written_to() -> None:
    stores = [StoredVault(name, MemoryStore()) for name in ("main", "depot")]
    real = EveryVault([CheckedVault(one) for one in stores])
    real.put("kept", b"kept")
    CheckedVault(stores[0]).put("in-main-alone", b"kept")
    before = [{key: one.get(key) for key in one.list()} for one in stores]
    seen = apart(real, "north", ["main"])
    assert seen.get("kept") == b"kept"
    with pytest.raises(KeyMissing):
        seen.get("in-main-alone")
    assert silent_vaults(seen) == {"main"}
    assert [{key: one.get(key) for key in one.list()} for one in stores] == before
    assert not silent_vaults(real), "the drill's own records go there all the same"


def test_without_any_vault_it_is_told_as_an_outage_of_all() -> None:
    real = CheckedVault(StoredVault("main", MemoryStore()))
    with pytest.raises(VaultUnavailable, match="denied to this drill"):
        apart(real, "north", ["main"])


def test_what_the_compose_file_has_not_is_told_all_at_once(config: Config, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    app = config.app.model_copy(update={"compose": tmp_path / "compose.yaml"})
    good = DrillConfig(run=("worker",), environment={"MAIL": "nowhere"})
    require_described(config.model_copy(update={"app": app, "drill": good}))
    url = "https://another.test/smoke"
    bad = DrillConfig(run=("cron",), environment={"MIAL": "nowhere"}, check=url)
    with pytest.raises(BadInput, match=r"(?s)cron.*MIAL.*another\.test"):
        require_described(config.model_copy(update={"app": app, "drill": bad}))


@pytest.mark.parametrize(
    ("service", "run", "wrong"),
    [
        ("web", (), ""),
        ("cache", (), ""),
        ("worker", ("worker",), ""),
        ("worker", (), "which a drill does not start"),
        ("cron", (), "which is no service"),
    ],
)
def test_a_check_in_a_container_that_a_drill_does_not_start_is_told_before_it(
    config: Config, tmp_path: Path, service: str, run: tuple[str, ...], wrong: str
) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    app = config.app.model_copy(update={"compose": tmp_path / "compose.yaml"})
    check = CheckCommand(service=service, command=("true",))
    given = config.model_copy(update={"app": app, "drill": DrillConfig(check=check, run=run)})
    if not wrong:
        require_described(given)
        return
    with pytest.raises(BadInput, match=wrong):
        require_described(given)


def test_a_drill_lacks_no_secret_once_its_servers_are_there(
    config: Config, vault: CheckedVault, tmp_path: Path
) -> None:
    told = "web: {image: 'a:1', ports: ['127.0.0.1:8080:80'], environment: {MAIL: '${MAIL}'}}"
    (tmp_path / "compose.yaml").write_text(f"services:\n  {told}\n")
    declared = {"MAIL": SecretConfig(), "TRIAL": SecretConfig(generate="hex")}
    config = config.model_copy(update={"secrets": declared})
    with pytest.raises(BadInput, match="Secret MAIL of web has no value"):
        require_secrets(config, vault)
    instead = DrillConfig(environment={"MAIL": "smtp://${TRIAL}@x"})
    on_trial = config.model_copy(update={"drill": instead})
    with pytest.raises(BadInput, match="Secret TRIAL of web has no value"):
        require_secrets(on_trial, vault)
    identity = pyrage.x25519.Identity.generate()
    file = tmp_path / "identity"
    file.touch(mode=0o600)
    file.write_text(str(identity))
    made = KeptSecrets(ToldSecrets(0), AppSecrets.generate()).with_operators(
        [str(identity.to_public())]
    )
    said = SetSecret("2026-11-30T08:00:00+00:00", "ann@desk")
    SecretsChain(vault).append(made.with_own("TRIAL", "x", said), file)
    require_secrets(on_trial, vault)
