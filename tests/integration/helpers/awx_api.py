# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for AWX's API on loopback, as far as the modules of awx.awx ask it: it keeps what is posted."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from integration.helpers.awx_surveys import faults_of

TOKEN = "a-token-of-awx"
_ROOT = "/api/v2"
_Answer = tuple[int, Any]


class AwxApi:
    """Objects by their URLs. ``writes`` are the requests that changed some, in their order.

    ``project`` is the directory that a project's update brings, and ``failing_updates`` how many of those fail first.
    """

    def __init__(self, project: Path) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.writes: list[tuple[str, str]] = []
        self.failing_updates = 0
        self._project = project
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.environment = {
            "CONTROLLER_HOST": f"http://127.0.0.1:{self._server.server_port}",
            "CONTROLLER_OAUTH_TOKEN": TOKEN,
            # Else the modules load the machine's certificates for each request.
            "CONTROLLER_VERIFY_SSL": "false",
        }

    def __enter__(self) -> AwxApi:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """Make an object of a kind such as job_templates."""
        number = len(self.objects) + 1
        url = f"{_ROOT}/{kind}/{number}/"
        related = {"survey_spec": f"{url}survey_spec/", "update": f"{url}update/"}
        own = {"id": number, "url": url, "type": kind.removesuffix("s"), "related": related, "summary_fields": {}}
        # What is deleted stays in its place, so that no id comes twice.
        self.objects[url] = {**fields, **own, "associated": {}}
        return self.objects[url]

    def all(self, kind: str) -> Iterator[dict[str, Any]]:
        """The objects of a kind that are there."""
        templates = ("job_templates", "workflow_job_templates", "projects")
        kinds = templates if kind == "unified_job_templates" else (kind,)
        return (one for url, one in self.objects.items() if url.split("/")[3] in kinds and not one.get("deleted"))

    def named(self, kind: str) -> dict[str, dict[str, Any]]:
        """The objects of a kind, by their names; nodes by their identifiers."""
        return {one.get("identifier", one.get("name")): one for one in self.all(kind)}

    def answer(self, method: str, url: str, sent: dict[str, Any]) -> _Answer:
        """Answer one request."""
        with self._lock:
            if method != "GET":
                self.writes.append((method, url))
            path, query = urlsplit(url).path, dict(parse_qsl(urlsplit(url).query))
            kind, number, below = [*path.removeprefix(_ROOT).strip("/").split("/"), "", ""][:3]
            one = self.objects.get(f"{_ROOT}/{kind}/{number}/", {})
            if number and (not one or one.get("deleted")):
                return 404, {}
            if below == "survey_spec":
                return self._survey(method, one, sent)
            if below == "update":
                return self._update(one)
            if below == "create_approval_template":
                made = self.add("workflow_approvals", **sent)
                one["unified_job_template"], one["related"]["unified_job_template"] = made["id"], made["url"]
                return 201, made
            if below:
                return self._associate(method, one["associated"].setdefault(below, []), sent)
            if method == "GET":
                return 200, one or _listed([one for one in self.all(kind) if _fits(one, query)])
            if method == "DELETE":
                one["deleted"] = True
                return 204, None
            if method == "PATCH":
                one.update(sent)
                return 200, one
            if kind == "job_templates" and not self._known(sent):
                return 400, {"playbook": ["Playbook not found for project."]}
            # A project that is new has not been updated yet.
            return 201, self.add(kind, **sent, **({"scm_revision": ""} if kind == "projects" else {}))

    def _known(self, template: dict[str, Any]) -> bool:
        """Whether a template's project has been updated, and has its playbook."""
        project = self.objects[f"{_ROOT}/projects/{template['project']}/"]
        return bool(project["scm_revision"]) and (self._project / template["playbook"]).is_file()

    def _update(self, project: dict[str, Any]) -> _Answer:
        failed = self.failing_updates > 0
        self.failing_updates -= failed
        project["scm_revision"] = project["scm_revision"] or ("" if failed else "4bc88ff")
        states = {"finished": "now", "failed": failed, "status": "failed" if failed else "successful"}
        return 202, self.add("project_updates", scm_revision=project["scm_revision"], **states)

    @staticmethod
    def _survey(method: str, template: dict[str, Any], sent: dict[str, Any]) -> _Answer:
        faults = faults_of(sent) if method == "POST" else []
        if faults:
            return 400, {"error": "; ".join(faults)}
        if method == "POST":
            template["survey"] = sent
        return 200, template.get("survey", {})

    def _associate(self, method: str, ids: list[int], sent: dict[str, Any]) -> _Answer:
        if method == "GET":
            return 200, _listed([{"id": number} for number in ids])
        if sent.get("disassociate"):
            ids.remove(sent["id"])
        else:
            ids.append(sent["id"])
        return 204, None


def _listed(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"count": len(found), "next": None, "results": found}


def _fits(one: dict[str, Any], query: dict[str, str]) -> bool:
    return all(str(one.get(re.sub("^or__", "", name))) == value for name, value in query.items())


def _handler(api: AwxApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = 401, {}
            if self.headers.get("Authorization") == f"Bearer {TOKEN}":
                status, answer = api.answer(self.command, self.path, json.loads(body or "{}"))
            self.send_response(status)
            self.end_headers()
            if answer is not None:
                self.wfile.write(json.dumps(answer).encode())

        do_GET = do_POST = do_PATCH = do_DELETE = _answer

        def log_message(self, *_words: Any) -> None:
            """Say nothing of it."""

    return Handler
