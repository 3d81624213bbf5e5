"""The language of plans: steps, what they need, the facts that they were built from."""
