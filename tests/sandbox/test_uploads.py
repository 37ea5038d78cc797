"""The temporary upload: a signed policy, then a form as the object store wants it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import pytest

from tests.servers import SandboxServer

POLICY = "/api/v1/uploads"


def policy(sandbox: SandboxServer) -> dict[str, Any]:
    query = {"action": "getPolicy", "model": "happyhorse-1.0-i2v"}
    data: dict[str, Any] = sandbox.request("GET", POLICY, params=query).json()["data"]
    return data


def form(terms: dict[str, Any], name: str = "a.png") -> dict[str, str]:
    """The fields of the form, in the order of the official client."""
    return {
        "OSSAccessKeyId": terms["oss_access_key_id"],
        "Signature": terms["signature"],
        "policy": terms["policy"],
        "key": f"{terms['upload_dir']}/{name}",
        "x-oss-object-acl": terms["x_oss_object_acl"],
        "x-oss-forbid-overwrite": terms["x_oss_forbid_overwrite"],
        "success_action_status": "200",
    }


def upload(terms: dict[str, Any], fields: dict[str, str], content: bytes = b"pixels", **options: Any) -> httpx.Response:
    file = {"file": ("a.png", content)}
    return httpx.post(terms["upload_host"], data=fields, files=file, timeout=30, **options)


def changed(sandbox: SandboxServer, terms: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The policy with other terms, signed as the sandbox signs."""
    told = json.loads(base64.b64decode(terms["policy"])) | changes
    text = base64.b64encode(json.dumps(told).encode()).decode()
    digest = hmac.new(sandbox.key.encode(), text.encode(), hashlib.sha256).digest()
    return terms | {"policy": text, "signature": base64.b64encode(digest).decode()}


def test_a_policy_has_the_documented_fields(sandbox: SandboxServer) -> None:
    assert policy(sandbox).keys() == {
        *("policy", "signature", "upload_dir", "upload_host", "expire_in_seconds", "max_file_size_mb"),
        *("capacity_limit_mb", "oss_access_key_id", "x_oss_object_acl", "x_oss_forbid_overwrite"),
    }


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"action": "getpolicy", "model": "happyhorse-1.0-i2v"}, 400, "InvalidParameter"),
        ({"model": "happyhorse-1.0-i2v"}, 400, "InvalidParameter"),
        ({"action": "getPolicy"}, 404, "ModelNotFound"),
        ({"action": "getPolicy", "model": "wan2.7-i2v"}, 404, "ModelNotFound"),
    ],
)
def test_a_wrong_policy_query_is_refused(sandbox: SandboxServer, query: dict[str, str], status: int, code: str) -> None:
    answer = sandbox.request("GET", POLICY, params=query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_file_is_stored_once_and_answered_with_nothing(sandbox: SandboxServer) -> None:
    terms = policy(sandbox)
    stored = upload(terms, form(terms))
    assert (stored.status_code, stored.content) == (200, b"")
    again = upload(terms, form(terms))
    assert again.status_code == 409
    assert "<Code>FileAlreadyExists</Code>" in again.text
    assert upload(terms, form(terms, "b.png")).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "status", "code"),
    [
        ("Signature", "bm9wZQ==", 403, "SignatureDoesNotMatch"),
        ("policy", "e30=", 403, "SignatureDoesNotMatch"),
        ("OSSAccessKeyId", "other", 403, "InvalidArgument"),
        ("x-oss-object-acl", "public-read", 403, "InvalidArgument"),
        ("x-oss-forbid-overwrite", "false", 403, "InvalidArgument"),
        ("success_action_status", "204", 403, "InvalidArgument"),
        ("key", "elsewhere/a.png", 403, "AccessDenied"),
    ],
)
def test_a_form_that_differs_from_its_policy_is_refused_in_xml(
    sandbox: SandboxServer, field: str, value: str, status: int, code: str
) -> None:
    terms = policy(sandbox)
    answer = upload(terms, form(terms) | {field: value})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/xml")
    assert f"<Code>{code}</Code>" in answer.text


def test_a_policy_ends_and_limits_the_size(sandbox: SandboxServer) -> None:
    terms = policy(sandbox)
    late = changed(sandbox, terms, expires=time.time() - 1)
    answer = upload(late, form(late))
    assert answer.status_code == 403
    assert "Policy expired" in answer.text
    small = changed(sandbox, terms, mb=0)
    answer = upload(small, form(small))
    assert answer.status_code == 400
    assert "<Code>EntityTooLarge</Code>" in answer.text


def test_the_form_must_end_with_the_file_and_carry_no_key(sandbox: SandboxServer) -> None:
    terms = policy(sandbox)
    with_key = upload(terms, form(terms), headers={"Authorization": f"Bearer {sandbox.key}"})
    assert with_key.status_code == 400
    assert "Authorization must not be sent" in with_key.text
    parts: list[tuple[str, Any]] = [("file", ("a.png", b"pixels"))]
    parts += [(name, (None, value)) for name, value in form(terms).items()]
    file_first = httpx.post(terms["upload_host"], files=parts, timeout=30)
    assert file_first.status_code == 400
    assert "The last form field must be file" in file_first.text
