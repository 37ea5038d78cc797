"""The clouds there are. Each is a module of its own and an entry of the catalog."""

from __future__ import annotations

from collections.abc import Mapping

from studio.catalog.models import ProviderName
from studio.providers.aivideo import AIVideo
from studio.providers.client import Client
from studio.providers.dashscope import DashScope

CLIENTS: Mapping[ProviderName, type[Client]] = {client.name: client for client in (DashScope, AIVideo)}
