import json

from liferaft_sandbox.lab.machines import Desired, Machine, PrivateNetwork, Rule, from_json, to_json


def test_what_is_desired_survives_the_wire_byte_for_byte() -> None:
    machine = Machine(
        id="42",
        network="7",
        private_address="10.0.0.4",
        public_address=None,
        hostname="db-1",
        user_data=b"#cloud-config\n\x00\xff",
        running=False,
        rules=(Rule("tcp", 22, 22, ("0.0.0.0/0",)),),
        authorized_keys=("ssh-ed25519 AAAA",),
    )
    desired = Desired((PrivateNetwork("7", "10.0.0.0/16", 1450),), (machine,))
    assert from_json(json.loads(json.dumps(to_json(desired)))) == desired
