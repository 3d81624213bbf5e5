"""Runs containers of the application to their end, as a program on a server: a lost connection
leaves nothing half done, and nothing is begun twice.

This folder is sent as one file, with `switching` beside it, and run by the server's own Python;
nothing else of ours is there, so nothing else is imported.
"""
