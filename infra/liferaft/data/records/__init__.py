"""Records as a kind of data: what liferaft itself writes, in each of several vaults."""
