"""DashScope's error codes (its page of error codes, September 2026, and texts that were met in practice)."""

from __future__ import annotations

from dataclasses import replace

from studio.errors import AuthenticationFailed, ContentRefused, NotFound, ProviderFault, QuotaExhausted, RequestRefused
from studio.providers.codes import (
    ALLOCATION,
    ARREARS,
    BROKEN,
    CONTENT,
    DENIED,
    FORMAT,
    KEY,
    MODEL,
    PARAMETER,
    RATE,
    RESOLUTION,
    RIGHTS,
    UNFETCHED,
    UNINSPECTED,
    UNPURCHASED,
    WORKSPACE,
    Codes,
    Meaning,
)

CODES = Codes(
    {
        # 401
        "InvalidApiKey": KEY,
        "invalid_api_key": KEY,
        "invalid access token or token expired": Meaning(AuthenticationFailed, "plan_key"),
        "NOT AUTHORIZED": replace(WORKSPACE, error=AuthenticationFailed),
        # 403
        "AccessDenied": DENIED,
        "access_denied": DENIED,
        "AccessDenied.Unpurchased": UNPURCHASED,
        "AllocationQuota.FreeTierOnly": Meaning(QuotaExhausted, "free_quota"),
        "Model.AccessDenied": DENIED,
        "Workspace.AccessDenied": WORKSPACE,
        # 404
        "ModelNotFound": MODEL,
        "model_not_found": MODEL,
        "NotFound": MODEL,
        "WorkSpaceNotFound": replace(WORKSPACE, error=NotFound),
        # 429; the last ones do not pass with time
        "Throttling": RATE,
        "Throttling.RateQuota": RATE,
        "Throttling.BurstRate": RATE,
        "LimitRequests": RATE,
        "limit_requests": RATE,
        "limit_burst_rate": RATE,
        "Throttling.AllocationQuota": ALLOCATION,
        "insufficient_quota": ALLOCATION,
        "CommodityNotPurchased": UNPURCHASED,
        "PrepaidBillOverdue": ARREARS,
        "PostpaidBillOverdue": ARREARS,
        # 400
        "Arrearage": ARREARS,
        "DataInspectionFailed": CONTENT,
        "data_inspection_failed": CONTENT,
        "CustomRoleBlocked": Meaning(ContentRefused, "content_rule"),
        "IPInfringementSuspect": RIGHTS,
        "InvalidParameter": PARAMETER,
        "invalid_parameter_error": PARAMETER,
        "BadRequest": PARAMETER,
        "UnsupportedOperation": PARAMETER,
        "InvalidParameter.DataInspection": UNINSPECTED,
        "InvalidURL": UNFETCHED,
        "InvalidURL.ConnectionRefused": UNFETCHED,
        "InvalidURL.Timeout": UNFETCHED,
        "BadRequest.InputDownloadFailed": UNFETCHED,
        "InvalidFile": UNINSPECTED,
        "InvalidFile.Size": Meaning(RequestRefused, "media_size", "media"),
        "InvalidFile.Duration": Meaning(RequestRefused, "media_duration", "media"),
        "InvalidFile.Resolution": RESOLUTION,
        "InvalidFile.AspectRatio": RESOLUTION,
        "InvalidFile.FPS": Meaning(RequestRefused, "media_fps", "media"),
        "InvalidFile.Format": FORMAT,
        "InvalidImage.FileFormat": FORMAT,
        "InvalidImageFormat": FORMAT,
        "InvalidImageResolution": RESOLUTION,
        # 500, 503
        "InternalError": BROKEN,
        "internal_error": BROKEN,
        "InternalError.Algo": BROKEN,
        "InternalError.Upload": BROKEN,
        "InternalError.FileUpload": BROKEN,
        "InternalError.Timeout": Meaning(ProviderFault, "provider_timeout"),
        "SystemError": BROKEN,
        "RequestTimeOut": BROKEN,
        "ResponseTimeout": BROKEN,
        "ModelServiceFailed": BROKEN,
        "ModelServingError": Meaning(ProviderFault, "provider_busy"),
        "ModelUnavailable": Meaning(ProviderFault, "provider_busy", no_task=True),
    }
)
