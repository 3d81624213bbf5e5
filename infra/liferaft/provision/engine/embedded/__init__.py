"""The embedded engine: program, SDK, provider and engine in one child process.

`engine` is the caller's side. `child` is the process that it starts, and the rest runs in there.
"""
