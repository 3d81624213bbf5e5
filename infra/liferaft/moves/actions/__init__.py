"""The actions that steps are made of: one file per part of the world that they change."""
