"""The program that takes recovery points on the database's server, by a timer.

Debian's Python and its standard library are all that it has there: nothing of liferaft outside this
folder is imported. It speaks to vaults by pgBackRest, with the keys that the archiver has.
"""
