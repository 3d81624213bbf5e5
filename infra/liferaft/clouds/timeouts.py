"""How long one request to a cloud may hang, in seconds, whichever SDK sends it."""

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 30
