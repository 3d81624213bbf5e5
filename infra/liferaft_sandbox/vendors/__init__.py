"""Vendors who run no machines of ours: names, certificates, object stores, Debian's packages."""
