"""A failover as tests plan it: from east, whose first epoch ends, to north."""

from liferaft.data.postgres.facts import Timeline
from liferaft.moves.inputs import FailoverInputs

FAILOVER = FailoverInputs(
    site="north",
    epoch=2,
    reigns=True,
    from_epoch=1,
    from_site="east",
    point="20261122T140000Z",
    point_epoch=1,
    facts={"postgres": Timeline(1)},
)
