"""PostgreSQL 15 with pgBackRest 2.45: primary, standby, replay, take-over, from epoch to epoch."""
