from typing import Any

from botocore.stub import Stubber

from liferaft.clouds.aws.access import AwsAccess
from liferaft.clouds.aws.sizes import choose
from liferaft.clouds.sizes import WantedSize


def test_what_the_region_offers_is_read_once() -> None:
    access = AwsAccess("us-east-1", {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"})
    row: dict[str, Any] = {
        "InstanceType": "m7i.large",
        "VCpuInfo": {"DefaultVCpus": 2},
        "MemoryInfo": {"SizeInMiB": 8192},
        "ProcessorInfo": {"SupportedArchitectures": ["x86_64"]},
    }
    with Stubber(access.ec2) as answers:
        answers.add_response("describe_instance_types", {"InstanceTypes": [row]})
        first = choose(access, WantedSize(2, 4096, 20, "x86_64"))
        assert choose(access, WantedSize(1, 2048, 20, "x86_64")) == first
