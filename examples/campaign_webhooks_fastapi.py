"""Webhooks into a campaign: `uvicorn campaign_webhooks_fastapi:app`, beside any number of workers.

The address of `callback_url` in the campaign's policy ends with /webhooks/.
"""

from __future__ import annotations

import os

from fastapi import FastAPI
from trillet.campaign import Campaign
from trillet.webhooks import Receiver

campaign = Campaign.open(os.environ["CAMPAIGN_DATABASE"], os.environ.get("CAMPAIGN_NAME"))
# It checks each signature, and passes over what comes twice or too late.
receiver = Receiver(campaign.receive, os.environ["TRILLET_WEBHOOK_SECRET"])
app = FastAPI()
app.mount("/webhooks/", receiver)
