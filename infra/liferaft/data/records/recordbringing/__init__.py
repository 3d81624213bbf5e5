"""The program by which the server of the database brings a vault that was away what it lacks of
liferaft's own records, by a timer, from a vault that has it.

Debian's Python and its standard library are all that it has there; of liferaft it brings this
folder along, and of the bucket's program how stores are asked.
"""
