"""Changes what runs on a server, as a program there: a lost connection leaves no half of it.

This folder is sent as one file and run by the server's own Python (from 3.11 on, with the PyYAML
that podman-compose needs); nothing else of ours is there, so nothing else is imported.
"""
