"""Watches which vaults take the archive of a database: a dead one is taken out, and brought back.

This folder is sent as one file and run by the server's own Python (Debian 12: 3.11); nothing else
of ours is there, so nothing else is imported. All that it knows lies in files on the server: killed
at any moment it goes on where it was.
"""
