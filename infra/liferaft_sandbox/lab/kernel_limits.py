"""Limits of the kernel that all hosts of a machine share: raised where they are too low.

A host that finds no inotify instance left hangs at boot and says nothing; from outside it is a
connection that is refused.
"""

from pathlib import Path

from liferaft_sandbox.failures import MachineLacks

INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
ENOUGH_INSTANCES = 2048
"""Some eight for each host (systemd, its journal, logind, udev, networkd, cron), for many hosts."""


def raise_limits(instances: Path = INSTANCES, enough: int = ENOUGH_INSTANCES) -> None:
    """Let each user have `enough` inotify instances; more stay. Raises MachineLacks with the figure
    where the limit may not be raised."""
    allowed = int(instances.read_text())
    if allowed >= enough:
        return
    try:
        instances.write_text(f"{enough}\n")
    except OSError as error:
        raise MachineLacks(
            f"This machine allows {allowed} inotify instances to a user, {enough} are needed, and "
            f"the limit cannot be raised: {error.strerror}.",
            do=f"As root of the machine itself: sysctl fs.inotify.max_user_instances={enough}",
        ) from error
