"""People who use the application while its site dies, and what they saw.

Nobody tells them of anything: each asks its own resolver before every request, so their view of a
move is the public's. `python -m liferaft_sandbox.users` is the crowd, `account` says from their
records how long the move took, `verify` reads back what they had been promised.
"""
