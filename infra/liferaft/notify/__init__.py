"""Those who are told outside: alarms by apprise, and a dead man's switch."""
