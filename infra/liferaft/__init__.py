"""The machinery of liferaft: rooms that deploy, snapshot, fail over and account. No Click."""
