"""The cluster of the real hosts that tests run on, whichever system these have today."""

from liferaft.clouds.systems import SYSTEMS
from liferaft.data.postgres.layout import cluster_of
from liferaft_sandbox.lab.systems import chosen_system

SYSTEM = SYSTEMS[chosen_system().name]
CLUSTER = cluster_of(SYSTEM)
