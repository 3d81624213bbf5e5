"""The engine: what turns a Pulumi program and a state into the changes a stack needs.

`contract` is what callers know, and `choice` takes one of the two that implement it: `cli` drives
the Pulumi CLI; `embedded` needs nothing but the Pulumi SDK, for the day when the CLI cannot be
had. Both stand on `state`, which reads and writes the state that they share.
"""
