"""How gunicorn serves the dashboard. The address comes from the command line (``--bind``).

Nothing here reads the environment: `config.py` does that, once, for the application.
"""

from pathlib import Path
from typing import Any

# Threads, because requests wait for SQL more than they compute. Two processes, so that one
# slow page (an export, a long list) does not hold up everybody on a small machine.
worker_class = "gthread"
workers = 2
threads = 4

# The application is imported once and shared by both: it opens no connection before a fork.
preload_app = True

# A request never calls Label Studio, so half a minute means that something is stuck.
timeout = 30
graceful_timeout = 30
keepalive = 5

# Processes are renewed now and then, not all at once: slow leaks of any library stay small.
max_requests = 2000
max_requests_jitter = 200

# The heartbeat file belongs in memory: on a slow disk a busy worker looks dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 -- a mount point

# No control interface: it would be a second door, outside the instance folder.
control_socket_disable = True

# Only a proxy on this machine may say what the client's address and scheme were.
forwarded_allow_ips = "127.0.0.1"

proc_name = "copydesk-web"
accesslog = None
errorlog = "-"
loglevel = "info"


def when_ready(_server: Any) -> None:
    """The application is loaded, and no process has been forked yet."""
    from app.web import keep_loaded

    keep_loaded()
