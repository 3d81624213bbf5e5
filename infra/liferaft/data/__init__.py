"""Data that must survive: a folder for each kind, which says how it is kept and comes back."""
