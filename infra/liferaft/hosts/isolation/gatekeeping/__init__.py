"""Keeps the gate of a drill's host: answers for names, opens what is allowed, and notes what was
asked for in vain. A program for hosts: it imports nothing of the other rooms, and besides only what
Debian's Python has.
"""
