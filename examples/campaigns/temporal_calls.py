"""A campaign through Temporal, on any number of machines.

pip install 'trillet[temporal,campaign-postgres]'
export TRILLET_API_KEY=… TRILLET_WORKSPACE_ID=… CAMPAIGNS=postgresql://dialer@db/campaigns
python temporal_calls.py work           # on each machine
python temporal_calls.py start spring   # once; ends when the campaign has

``start spring 32`` runs as many slices at once instead of AT_ONCE. That of a worker that died is
lost for a minute and a half: with more than the workers take, nobody idles meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker
from trillet.temporal import CampaignSlices, CampaignWorkflow

QUEUE = "trillet-calls"
AT_ONCE = 4


async def work(client: Client) -> None:
    slices = CampaignSlices(os.environ["CAMPAIGNS"])
    with ThreadPoolExecutor(AT_ONCE) as threads:
        await Worker(
            client,
            task_queue=QUEUE,
            workflows=[CampaignWorkflow],
            activities=[slices.run],
            activity_executor=threads,
            max_concurrent_activities=AT_ONCE,
            # A cancelled workflow is heard of with the next heartbeat.
            max_heartbeat_throttle_interval=timedelta(seconds=5),
        ).run()


async def start(client: Client, campaign: str, at_once: int = AT_ONCE) -> None:
    report = await client.execute_workflow(
        CampaignWorkflow.run,
        args=[campaign, at_once],
        id=f"campaign-{campaign}",
        task_queue=QUEUE,
    )
    print(report)


async def main() -> None:
    client = await Client.connect(os.environ.get("TEMPORAL", "localhost:7233"))
    if sys.argv[1:] == ["work"]:
        await work(client)
    else:
        await start(client, sys.argv[2], *map(int, sys.argv[3:]))


asyncio.run(main())
