"""A campaign through Celery, on any number of machines.

    pip install 'trillet[celery,campaign-postgres]'
    export TRILLET_API_KEY=… TRILLET_WORKSPACE_ID=… CAMPAIGNS=postgresql://dialer@db/campaigns
    celery -A celery_calls beat             # once
    celery -A celery_calls worker           # on each machine

Settings: the broker keeps a task for `visibility_timeout` before it gives it to another worker, a
worker fetches no more than it runs, and no time limit kills a slice (60 s and a request).
"""

from __future__ import annotations

import os

from celery import Celery
from trillet.celery import CampaignSlices

app = Celery("celery_calls", broker=os.environ.get("BROKER", "redis://localhost/0"))
app.conf.update(
    broker_transport_options={"visibility_timeout": 600},
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
)
slices = CampaignSlices(app, os.environ["CAMPAIGNS"], seconds=float(os.environ.get("SLICE", "60")))
slices.keep_running(os.environ.get("CAMPAIGN", "spring"), at_once=4)
