"""The crowd, chirp and a small move, all of it real (see scene.py): one play, several questions."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liferaft_sandbox.lab.images import build, read_recipe
from liferaft_sandbox.state import cache_folder
from liferaft_stacks.microblog.image.build import build_once
from liferaft_stacks.microblog.image.build import cache_folder as images

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[3]
SCENE = ["-m", "tests.sandbox.users.scene"]
OWN_NAMESPACES = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]


@pytest.fixture(scope="module")
def seen() -> Iterator[Any]:
    weed = Path(sys.executable).with_name("weed")
    hosts = build(read_recipe("host"), cache_folder(), print)
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="chirp-") as folder:
        Path(folder).chmod(0o755)
        done = subprocess.run(
            [
                *(*OWN_NAMESPACES, "--propagation=private", sys.executable, *SCENE),
                *(str(build_once(images())), str(hosts), str(weed), folder),
            ],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            cwd=ROOT,
        )
        logs = "".join(log.read_text()[-2000:] for log in Path(folder).glob("*.log"))
        assert done.returncode == 0, done.stderr[-4000:] + logs
        yield json.loads(done.stdout)


def test_health_names_site_and_epoch(seen: Any) -> None:
    assert seen["well"] == [200, {"status": "ok", "site": "old", "epoch": 1}]


def test_the_application_is_unwell_while_its_database_is_away_and_well_afterwards(
    seen: Any,
) -> None:
    status, body = seen["without_database"]
    assert (status, body["status"]) == (503, "unavailable")
    assert body["reason"] == "The database is away."


def test_the_application_is_unwell_while_its_database_may_not_be_written(seen: Any) -> None:
    status, body = seen["read_only"]
    assert (status, body["reason"]) == (503, "The database may not be written.")


def test_the_users_saw_the_old_site_then_a_holding_page_then_the_new_site(seen: Any) -> None:
    account = seen["account"]
    assert account["last_good_answer"] < account["first_holding_page"] < account["first_good_write"]
    assert account["rto_seconds"] == account["first_good_write"] - account["last_good_answer"]
    assert seen["opened_at"] < account["first_good_write"] < seen["read_back_at"]
    assert 0.0 < account["holding_page_seconds"] < account["command_to_first_good_write"]


def test_the_lost_post_is_the_only_lost_one_and_the_altered_one_is_told(seen: Any) -> None:
    survival = seen["survival"]
    verdicts = {entry["path"]: entry["verdict"] for entry in survival["not_survived"]}
    assert verdicts == {seen["lost"]: "lost", seen["altered"]: "altered"}
    assert survival["survived"] == survival["acknowledged"] - 2
    assert survival["acknowledged"] > 30


def test_accounts_posts_and_pictures_are_all_among_the_promises(seen: Any) -> None:
    assert {path.split("/")[1][:5] for path in seen["acknowledged"]} > {"posts", "media"}
    assert sum(path.startswith("/@") for path in seen["acknowledged"]) == seen["users"]


def test_no_id_was_given_out_twice(seen: Any) -> None:
    assert len(set(seen["acknowledged"])) == len(seen["acknowledged"])


def test_posts_say_where_and_when_they_were_written(seen: Any) -> None:
    assert seen["epochs"].split() == ["old|1", "new|2"]
