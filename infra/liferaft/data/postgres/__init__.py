"""PostgreSQL 15 or 17 with pgBackRest: primary, standby, replay, take-over, from epoch to epoch."""
