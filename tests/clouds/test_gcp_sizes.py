from liferaft.clouds.gcp import sizes


def test_newer_series_take_no_persistent_disk() -> None:
    assert sizes.disk_type("e2-standard-2") == "pd-balanced"
    assert sizes.disk_type("c4a-standard-2") == "hyperdisk-balanced"


def test_debian_is_found_by_its_family() -> None:
    assert sizes.debian("debian-13", "x86_64").endswith("/family/debian-13")
    assert sizes.debian("debian-12", "arm64").endswith("/family/debian-12-arm64")
