"""Zones over octoDNS: where the application's name points."""
