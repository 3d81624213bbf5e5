"""PostgreSQL 15 with pgBackRest 2.45: primary, standby, replay, take-over, across reigns."""

from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.primary import Heartbeat
from liferaft.data.postgres.replay import Progress, Replayed
from liferaft.data.postgres.session import Status
from liferaft.data.postgres.takeover import Reign

__all__ = ["Database", "Heartbeat", "Postgres", "Progress", "Reign", "Replayed", "Status"]
