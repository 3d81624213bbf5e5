"""The program by which a server keeps a volume of the application's in every vault, and brings one
back from them. restic does both; which of its snapshots are whole is noted beside it.

Debian's Python and its standard library are all that it has there, with restic, rclone and podman:
nothing of liferaft outside this folder is imported.
"""
