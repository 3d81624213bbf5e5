"""How gunicorn serves the application in its container; settings of gunicorn 20.

https://docs.gunicorn.org/en/20.1.0/settings.html
"""

bind = "0.0.0.0:8080"  # inside a container; what is published decides who reaches it
wsgi_app = "chirp.main:application()"
preload_app = True  # imports and settings are checked once, before any worker answers
workers = 2
worker_class = "gthread"
threads = 8
timeout = 15  # seconds a worker may hang
graceful_timeout = 5  # seconds for open requests after SIGTERM
keepalive = 30
worker_tmp_dir = "/dev/shm"  # noqa: S108  # gunicorn's heartbeat file, in memory
