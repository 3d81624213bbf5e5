"""A whole simulated AWS, an account of one test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.home import HURRY, Home
from tests.contract.worlds.aws import AwsWorld, aws_world
from tests.hosts.keys import new_key_pair


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[AwsWorld]:
    with aws_world(tmp_path) as world:
        yield world


@pytest.fixture
def home(aws: AwsWorld) -> Home:
    """At that account, under no policy and no limit unless a test sets one."""
    return Home(aws.open(HURRY), new_key_pair().public, "chirp")
