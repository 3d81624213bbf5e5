"""On which server a volume is, and what it is called there."""

from liferaft.config import Config
from liferaft.data.volume.places import volume_of


def test_a_volume_is_where_its_service_runs_and_is_called_as_compose_calls_it(
    with_files: Config,
) -> None:
    found = volume_of(with_files, "files")
    assert (found.server, found.called) == ("app-1", "app_files")
