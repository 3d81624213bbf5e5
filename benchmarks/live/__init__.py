"""`make live`: the clouds' contract and one small story against real accounts, within a budget.

A developer's tool, in no wheel. Everything that it makes carries the product's own labels under one
name of an app, so that whatever ends a run, the next one finds what is left by the labels alone.
"""

APP = "liferaft-live"
"""Whose all of it is. The site in the labels names the run."""
APPS = (APP, f"n{APP}", f"{APP[-8:]}{'a' * 31}-chirp")
"""Beside it the contract suite has a neighbour of that app, and one of the longest name."""
