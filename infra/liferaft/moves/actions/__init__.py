"""The actions of the moves' own steps: one file per part of the world that they change.

Those of a kind of data lie with the kind.
"""
