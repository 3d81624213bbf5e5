"""A bucket's name that somebody else has, at clouds where all customers share the names."""

from typing import Final

WAY_OUT: Final = (
    "Somebody else has a bucket of this name, and nothing of the application is in it. Delete what "
    "the vaults say of it (APP/bucket-names/SITE/DATA.json, in each of them), then run the same "
    "command again: another name is drawn."
)
