"""A claim from its beginning to the last wiped file, with real sshd, nftables and user data."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import SecretStr
from tests.hosts.keys import new_key_pair

from liferaft import remote
from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.contract import Ability, Unsupported
from liferaft.clouds.kinds import AddressSpec, Rule, ServerSpec
from liferaft.clouds.ssh import scripts
from liferaft.clouds.ssh.firewall import TABLE
from liferaft.clouds.ssh.scripts import FOLDER, RECORD, SSHD_GUARD
from liferaft.hosts.user_data import user_data
from liferaft_sandbox.lab.systems import chosen_system

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
APP, THROWAWAY = new_key_pair(), new_key_pair()
EVERYWHERE = ("0.0.0.0/0",)
RULES = (Rule("tcp", EVERYWHERE, "22"), Rule("tcp", EVERYWHERE, "80"))
LEFT = f"""
nft list tables; ls {FOLDER} /etc/ssh/sshd_config.d /etc/sudoers.d
ls -d /srv/liferaft /etc/liferaft /home/liferaft 2>/dev/null || :
grep liferaft /etc/passwd || :
"""
NEIGHBOUR = """
unshare --net sleep 300 & there=$!
while [ "$(readlink /proc/$there/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do sleep 0.05; done
ip link set lo up
ip link add v0 type veth peer name v1 netns $there
ip address add 10.9.0.1/24 dev v0; ip link set v0 up
nsenter -t $there -n sh -c 'ip address add 10.9.0.2/24 dev v1; ip link set v1 up'
for port in 80 81; do
    python3 -c "import socket,time; s=socket.create_server(('', $port)); time.sleep(300)" &
    until [ "$(ss -Hltn "sport = :$port")" ]; do sleep 0.05; done
done
nsenter -t $there -n python3 -c "
import os, select, socket
asked = {}
for port in (80, 81):
    asked[port] = socket.socket()
    asked[port].setblocking(False)
    asked[port].connect_ex(('10.9.0.1', port))
_, first, _ = select.select([], asked.values(), [], 60)
_, late, _ = select.select([], [one for one in asked.values() if one not in first], [], 0.5)
for port, one in asked.items():
    said = os.strerror(one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
    print(port, said.replace('Success', 'open') if one in first + late else 'dropped')"
ip link delete v0; kill $(jobs -p); wait
"""


INSTALLING = """
cat >/run/unattended-upgr <<'END'
import fcntl, os, time
os.makedirs("/var/lib/apt/lists", exist_ok=True)
file = open("/var/lib/apt/lists/lock", "a+")
fcntl.lockf(file, fcntl.LOCK_EX)
open("/run/held", "w").close()
time.sleep(300)
END
python3 /run/unattended-upgr >/dev/null 2>&1 &
until [ -e /run/held ]; do sleep 0.05; done
"""


def spec(**more: Any) -> ServerSpec:
    script = user_data(throwaway=None, authorized_key=APP.public)
    given = {"name": "app-1", "cpus": 2, "memory": 4096, "user_data": script, "rules": RULES}
    given["system"] = chosen_system().name
    return ServerSpec(**{**given, **more})


def test_the_declared_host_key_and_login_outlive_the_user_data(colo: Any) -> None:
    servers = colo.open().kinds["server"]
    made = servers.create(spec(), colo.owner("app-1"))
    assert servers.read(made.id) == made
    assert made.public_address == "127.0.0.1"
    assert "permitrootlogin no" in colo.console("sshd -T")
    assert servers.create(spec(), colo.owner("app-1")) == made
    assert [row.id for row in servers.owned_by(app="chirp")] == [made.id]


def test_a_throw_away_host_key_in_the_user_data_does_not_replace_the_declared_one(
    colo: Any,
) -> None:
    script = user_data(throwaway=THROWAWAY, authorized_key=APP.public)
    servers = colo.open().kinds["server"]
    made = servers.create(spec(user_data=script), colo.owner("app-1"))
    assert servers.read(made.id) == made


async def test_the_apps_own_login_gets_in_by_the_declared_host_key(colo: Any) -> None:
    colo.open().kinds["server"].create(spec(), colo.owner("app-1"))
    host = await remote.connect(
        "127.0.0.1",
        port=colo.machine.port,
        client_key=SecretStr(APP.private),
        host_keys=[colo.machine.host_key],
        deadline=60,
    )
    assert (await host.run(["id", "-un"])).text == "root"
    await host.close()


def test_only_what_the_rules_open_comes_in_and_rules_change_in_place(colo: Any) -> None:
    servers = colo.open().kinds["server"]
    made = servers.create(spec(), colo.owner("app-1"))
    assert colo.console(NEIGHBOUR).splitlines() == ["80 open", "81 dropped"]
    assert servers.update(made.id, spec(rules=(Rule("tcp", EVERYWHERE, "81"),))) == made
    assert colo.console(NEIGHBOUR).splitlines() == ["80 dropped", "81 open"]
    with pytest.raises(Unsupported, match=Ability.RESIZE_SERVER.value):
        servers.update(made.id, spec(memory=8192, machine_types=("m2",)))


def test_released_the_machine_is_as_it_was_before(colo: Any) -> None:
    before = colo.console(f"mkdir -p {FOLDER}; {LEFT}")
    servers = colo.open().kinds["server"]
    made = servers.create(spec(), colo.owner("app-1"))
    colo.console("mkdir -p /srv/liferaft/app /etc/liferaft; touch /etc/liferaft/ca.crt")
    assert TABLE in colo.console(LEFT)
    servers.delete(made.id)
    servers.delete(made.id)
    assert servers.read(made.id) is None
    assert colo.console(LEFT).replace("lock\n", "") == before
    assert not colo.console("pg_lsclusters --no-header")
    again = servers.create(spec(), colo.owner("app-1"))
    assert servers.read(again.id) == again


def test_a_user_data_that_fails_is_told_and_runs_again_until_it_has_ended_once(colo: Any) -> None:
    script = "#!/bin/sh\necho run >>/run/ran\necho 'hush' >&2\ntest -e /run/well\n"
    servers = colo.open().kinds["server"]
    with pytest.raises(CloudFailure, match="user_data_failed") as failed:
        servers.create(spec(user_data=script), colo.owner("app-1"))
    assert "hush" not in str(failed.value.facts)
    assert colo.console(f"stat -c %a {FOLDER} {FOLDER}/user-data.log").split() == ["700", "600"]
    colo.console("touch /run/well")
    made = servers.create(spec(user_data=script), colo.owner("app-1"))
    servers.create(spec(user_data=script), colo.owner("app-1"))
    assert colo.console("cat /run/ran").split() == ["run"] * 2
    assert made.id.startswith("m1/")


KEYS_ELSEWHERE = """
echo 'AuthorizedKeysFile /etc/ssh/keys/%u' >>/etc/ssh/sshd_config
mkdir -p /etc/ssh/keys; cp /root/.ssh/authorized_keys /etc/ssh/keys/root
"""
INCLUDED_LATE = """
sed -i /^Include/d /etc/ssh/sshd_config
echo 'PasswordAuthentication yes' >>/etc/ssh/sshd_config
echo 'Include /etc/ssh/sshd_config.d/*.conf' >>/etc/ssh/sshd_config
"""
DROPS = """
nft add table ip filter
nft 'add chain ip filter INPUT { type filter hook input priority 0; policy drop; }'
"""
UFW = """
printf '#!/bin/sh\\necho Status: active\\n' >/usr/local/bin/ufw
chmod 755 /usr/local/bin/ufw
"""
WITH_PASSWORDS = "PasswordAuthentication is to be no; sshd goes by: passwordauthentication yes"
REFUSALS = {
    "a group that the user is not in": (
        "echo 'AllowGroups root' >>/etc/ssh/sshd_config",
        "no_login",
        "allowgroups root",
    ),
    "keys elsewhere": (KEYS_ELSEWHERE, "no_login", "authorizedkeysfile /etc/ssh/keys/%u"),
    "no files of ours": (
        "sed -i /^Include/d /etc/ssh/sshd_config",
        "sshd_differs",
        WITH_PASSWORDS,
    ),
    "our files late": (INCLUDED_LATE, "sshd_differs", WITH_PASSWORDS),
    "another firewall": (DROPS, "other_firewall", "table ip filter, chain INPUT (policy drop)"),
    "ufw": (UFW, "other_firewall", "ufw"),
    "another release": (
        "sed -i --follow-symlinks 's/^VERSION_ID=.*/VERSION_ID=11/' /etc/os-release",
        "other_system",
        "It says: Debian GNU/Linux",
    ),
    "firewalld": ("nft add table inet firewalld", "other_firewall", "firewalld"),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_what_of_the_providers_would_lock_us_or_users_out_is_told_before_the_machine_is_taken(
    colo: Any, refusal: str
) -> None:
    done, code, told = REFUSALS[refusal]
    colo.console(done)
    servers = colo.open().kinds["server"]
    with pytest.raises(CloudFailure, match=code) as refused:
        servers.create(spec(), colo.owner("app-1"))
    assert told in refused.value.classification.evidence["stderr"]
    assert "run the same command again" in refused.value.facts.do
    proofs = "grep liferaft-proof /home/liferaft/.ssh/authorized_keys || :"
    assert colo.console(proofs) == ""
    assert colo.open().account().endswith("m1 held by chirp-colo-app-1")


def test_tools_that_are_missing_behind_another_installation_are_not_blamed_on_package_sources(
    colo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "OTHERS_SECONDS", 1)
    servers = colo.open().kinds["server"]
    colo.console("mv /usr/sbin/nft /usr/sbin/nft.away")
    colo.console(INSTALLING)
    with pytest.raises(CloudFailure, match="installing") as told:
        servers.create(spec(), colo.owner("app-1"))
    assert "It is held by process" in told.value.classification.evidence["stderr"]
    assert "when that installation has ended" in told.value.facts.do


def test_of_two_claims_at_once_one_wins_and_the_other_finds_no_machine(colo: Any) -> None:
    servers = colo.open().kinds["server"]

    def claim(name: str) -> str:
        try:
            return str(servers.create(spec(name=name), colo.owner(name)).id)
        except CloudFailure as failure:
            return failure.classification.verdict

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(claim, ("app-1", "app-2")))
    assert answers.count(Verdict.CAPACITY) == 1
    (winner,) = servers.owned_by(app="chirp")
    assert winner.id in answers


def test_an_address_keeps_its_machine_for_the_server_that_names_it(colo: Any) -> None:
    cloud = colo.open()
    address = cloud.kinds["address"].create(AddressSpec("entry"), colo.owner("entry"))
    servers = cloud.kinds["server"]
    with pytest.raises(CloudFailure, match="reserved by chirp-colo-entry") as refused:
        servers.create(spec(name="db-1"), colo.owner("db-1"))
    assert refused.value.classification.verdict is Verdict.CAPACITY
    made = servers.create(spec(address_id=address.id), colo.owner("app-1"))
    servers.delete(made.id)
    assert cloud.kinds["address"].read(address.id) == address
    cloud.kinds["address"].delete(address.id)
    assert colo.console(f"ls {RECORD} 2>&1 || :").endswith("No such file or directory\n")


def test_a_wipe_that_was_cut_off_goes_on_before_the_machine_is_claimed_again(colo: Any) -> None:
    servers = colo.open().kinds["server"]
    servers.create(spec(), colo.owner("app-1"))
    record = json.loads(colo.console(f"cat {RECORD}"))
    record["server"]["stage"] = "releasing"
    colo.console(f"touch /var/log/liferaft-left; echo '{json.dumps(record)}' >{RECORD}")
    servers.create(spec(), colo.owner("app-1"))
    assert "stage" in colo.console(f"cat {RECORD}; test ! -e /var/log/liferaft-left")


def test_a_machine_with_another_host_key_is_not_spoken_to(colo: Any) -> None:
    with pytest.raises(CloudFailure) as failed:
        colo.open(host_key=new_key_pair().public).account()
    assert failed.value.classification.verdict is Verdict.AMBIGUOUS
    assert failed.value.classification.evidence["host"] == "127.0.0.1"


def test_a_machine_that_left_the_inventory_counts_as_gone(colo: Any) -> None:
    made = colo.open().kinds["server"].create(spec(), colo.owner("app-1"))
    servers = colo.open(name="m2").kinds["server"]
    assert servers.read(made.id) is None
    servers.delete(made.id)
    assert "chirp-colo-app-1" in colo.console(f"cat {RECORD}; ls {SSHD_GUARD}")
