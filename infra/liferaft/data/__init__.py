"""One file per kind of data: how it is kept outside the primary and how it comes back."""
