"""The machinery of liferaft: rooms that deploy, snapshot, fail over and account for it. No Click, no printing."""
