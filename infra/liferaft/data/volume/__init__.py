"""Volumes of the Compose file: files that services write, kept in every vault by restic."""
