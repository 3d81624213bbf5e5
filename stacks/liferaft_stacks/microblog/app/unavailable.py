"""The one error that means "not now": the database or the bucket is away or may not be written."""


class Unavailable(Exception):
    """Something behind the application does not answer as it should; the message says what."""
