"""The application's image: one layer of Debian packages and chirp, as an OCI archive.

No registry is asked: `build` writes a file, which travels like any other part of the site.
"""
