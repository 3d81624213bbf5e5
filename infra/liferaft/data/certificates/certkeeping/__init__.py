"""The program by which the server that Caddy runs on keeps its certificates in every vault, by a
timer: what was renewed since the last `liferaft snapshot` would be lost with the server.

Debian's Python and its standard library are all that it has there, and rclone: nothing of liferaft
outside this folder is imported.
"""
