"""Webhooks with Django: the view of a project, here with settings of its own.

`django-admin runserver --settings webhooks_django --pythonpath .`, and https://…/webhooks in the
dashboard.
"""

from __future__ import annotations

import os

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from trillet.webhooks import Event, Receiver


def handle(event: Event) -> None:
    print(event.call_id, event.type, event.status)


receiver = Receiver(handle, os.environ["TRILLET_WEBHOOK_SECRET"])


# The signature proves who sends this; a form of this site it is not.
@csrf_exempt
def webhooks(request: HttpRequest) -> HttpResponse:
    reply = receiver.answer(request.method or "", request.headers, request.body)
    return HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))


SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "for this example alone")
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = __name__
urlpatterns = [path("webhooks", webhooks)]
