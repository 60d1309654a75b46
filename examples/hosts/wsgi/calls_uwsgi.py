"""The same under uWSGI, whose master has loaded this file before it forks its workers.

cd examples/hosts/wsgi
uwsgi --plugin python3 --http-socket :8000 --master --processes 2 --harakiri 30 --module calls_uwsgi
"""

import uwsgi  # only there under uWSGI
from calls import application, close_client, open_client

__all__ = ["application"]

uwsgi.post_fork_hook = open_client
uwsgi.atexit = close_client
