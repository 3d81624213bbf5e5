"""The one error that means "not now": the database or the bucket is away or may not be written."""


class Unavailable(Exception):
    """Something behind the application does not answer as it should.

    The message says what, and may be shown to anybody; the cause, with its addresses, may not.
    """

    def for_the_log(self) -> str:
        """The message and the first line of what the driver said; drivers keep passwords out."""
        said = str(self.__cause__ or "").strip().partition("\n")[0]
        return f"{self} ({said})" if said else str(self)
