"""A Kubernetes and an AWS Batch that run what is submitted on this machine.

Each answers as far as the plugin for it asks. A job gets an empty folder, and of
the environment no more than the plugin sends with it.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from base64 import b64decode
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# The image has the plugin that pip would install.
PIP = '#!/bin/sh\necho "$@"\n'

KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters: [{{name: test, cluster: {{server: "{url}"}}}}]
contexts: [{{name: test, context: {{cluster: test, user: test}}}}]
users: [{{name: test, user: {{}}}}]
current-context: test
"""


@dataclass
class Cloud:
    """What was submitted, in order, and where it is answered."""

    folder: Path
    url: str = ""
    jobs: dict[str, dict] = field(default_factory=dict)
    secrets: dict[str, dict] = field(default_factory=dict)

    @property
    def environment(self):
        """In what environment the plugins find the cloud."""
        return {
            "KUBECONFIG": str(self.folder / "kubeconfig"),
            "AWS_ENDPOINT_URL_BATCH": self.url,
        }

    def start(self, name, command, environment, **said):
        folder = Path(tempfile.mkdtemp(dir=self.folder, prefix="machine-"))
        output = folder.with_suffix(".out")
        path = f"{self.folder / 'bin'}:{Path(sys.executable).parent}"
        with output.open("w") as file:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env={
                    "PATH": f"{path}:{os.environ['PATH']}",
                    "HOME": str(folder),
                    **environment,
                },
                stdout=file,
                stderr=file,
            )
        self.jobs[name] = {"process": process, "output": output, **said}

    def said(self):
        """What all jobs have said."""
        return "\n".join(job["output"].read_text("utf-8") for job in self.jobs.values())

    # --- Kubernetes

    def post_secrets(self, body):
        self.secrets[body["metadata"]["name"]] = body["data"]
        return body

    def post_jobs(self, body):
        name = body["metadata"]["name"]
        [container] = body["spec"]["template"]["spec"]["containers"]
        environment = {}
        for variable in container["env"]:
            source = variable["valueFrom"]["secretKeyRef"]
            value = self.secrets[source["name"]][source["key"]]
            environment[variable["name"]] = b64decode(value).decode()
        self.start(
            name,
            [*container["command"], *container["args"]],
            environment,
            image=container["image"],
            memory=container["resources"]["requests"]["memory"],
        )
        return body

    def get_status(self, path):
        name = path.split("/")[-2]
        code = self.jobs[name]["process"].poll()
        state = "active" if code is None else "failed" if code else "succeeded"
        return {"kind": "Job", "metadata": {"name": name}, "status": {state: 1}}

    # --- AWS Batch

    def post_registerjobdefinition(self, body):
        self.secrets[body["jobDefinitionName"]] = body["containerProperties"]
        name = body["jobDefinitionName"]
        return {"jobDefinitionName": name, "jobDefinitionArn": name, "revision": 1}

    def post_submitjob(self, body):
        container = self.secrets[body["jobDefinition"].removesuffix(":1")]
        environment = {item["name"]: item["value"] for item in container["environment"]}
        amounts = {
            item["type"]: item["value"] for item in container["resourceRequirements"]
        }
        name = body["jobName"]
        self.start(
            name,
            container["command"],
            environment,
            image=container["image"],
            memory=amounts["MEMORY"],
        )
        return {"jobName": name, "jobId": name}

    def post_describejobs(self, body):
        [name] = body["jobs"]
        code = self.jobs[name]["process"].poll()
        state = "RUNNING" if code is None else "FAILED" if code else "SUCCEEDED"
        job = {"jobId": name, "jobName": name, "status": state, "jobDefinition": name}
        return {
            "jobs": [{**job, "container": {} if code is None else {"exitCode": code}}]
        }


@contextmanager
def running_cloud(folder):
    """Answer on a free port until the end, when what still runs is killed."""
    cloud = Cloud(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length) or b"{}")
            answer = getattr(cloud, f"post_{self.path.split('/')[-1]}", None)
            self.reply(answer(body) if answer else {})

        def do_GET(self):
            is_status = self.path.endswith("/status")
            self.reply(cloud.get_status(self.path) if is_status else {"items": []})

        def do_DELETE(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.reply({"kind": "Status", "status": "Success"})

        def reply(self, answer):
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments):
            pass

    (folder / "bin").mkdir()
    (folder / "bin" / "pip").write_text(PIP)
    (folder / "bin" / "pip").chmod(0o755)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        cloud.url = f"http://127.0.0.1:{server.server_port}"
        (folder / "kubeconfig").write_text(KUBECONFIG.format(url=cloud.url))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield cloud
        finally:
            server.shutdown()
            thread.join()
            for job in cloud.jobs.values():
                job["process"].kill()
