"""What the account at AWS holds, by boto3 alone: JSON, kind → number."""

import json
import os
import sys
from typing import Any

import boto3

OURS: Any = [{"Name": "tag:liferaft-app", "Values": ["chirp"]}]
LIVE: Any = [*OURS, {"Name": "instance-state-name", "Values": ["pending", "running", "stopped"]}]

ec2 = boto3.client("ec2")
s3 = boto3.client("s3", verify=os.environ["LIFERAFT_CA_FILE"])
instances = [
    instance
    for reservation in ec2.describe_instances(Filters=LIVE)["Reservations"]
    for instance in reservation["Instances"]
]
found = {
    "servers": len(instances),
    "addresses": len(ec2.describe_addresses()["Addresses"]),
    "networks": len(ec2.describe_vpcs(Filters=OURS)["Vpcs"]),
    "subnets": len(ec2.describe_subnets(Filters=OURS)["Subnets"]),
    "gateways": len(ec2.describe_internet_gateways(Filters=OURS)["InternetGateways"]),
    "firewalls": len(ec2.describe_security_groups(Filters=OURS)["SecurityGroups"]),
    "keys": len(ec2.describe_key_pairs(Filters=OURS)["KeyPairs"]),
    "buckets": len(s3.list_buckets()["Buckets"]),
}
sys.stdout.write(json.dumps(found))
