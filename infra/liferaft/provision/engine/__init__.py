"""The engine: what turns a Pulumi program and a state into the changes a stack needs.

`contract` is what callers know. `embedded` implements it on the Pulumi SDK alone, for the day
when the Pulumi CLI cannot be had; both read and write the same state.
"""
