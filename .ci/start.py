"""Starts every function's binary until it asks for its first event: start.py <template> <parameters> <folder of binaries>

Plays the Lambda Runtime API, and the AWS services a function calls while it initialises. A binary that is missing, ends,
or does not ask within the ten seconds that Lambda allows for initialisation, fails the check.
"""

import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

from samtranslator.yaml_helper import yaml_parse

INIT_SECONDS = 10


class Lambda(http.server.ThreadingHTTPServer):
    """One function's Runtime API; `asked` is set by its first request for an event."""

    daemon_threads = True

    def __init__(self, secret):
        super().__init__(("127.0.0.1", 0), Handler)
        self.secret = secret
        self.asked = threading.Event()
        self.stopped = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def address(self):
        return f"127.0.0.1:{self.server_port}"

    def stop(self):
        self.stopped.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.endswith("/runtime/invocation/next"):
            self.server.asked.set()
            # An event never comes, as for a function that nobody calls.
            self.server.stopped.wait()
            self.close_connection = True
        else:
            self.answer()

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path.endswith("/runtime/init/error"):
            print(f"    init error: {body.decode(errors='replace')}", file=sys.stderr)
        answer = {"Name": "key", "SecretString": self.server.secret} if "Secret" in self.headers.get("x-amz-target", "") else {}
        encoded = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/x-amz-json-1.1")
        self.send_header("content-length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    do_POST = do_PUT = answer

    def log_message(self, *_):
        pass


def effective(declared, supplied):
    """Value of every parameter; a supplied one has to fit its pattern."""
    for name, value in supplied.items():
        if not re.fullmatch(declared[name]["AllowedPattern"], value):
            raise ValueError(f"{name} does not fit its AllowedPattern")
    return {name: supplied.get(name, parameter.get("Default")) for name, parameter in declared.items()}


def functions(template, parameters):
    """Name and environment of every function."""
    common = template["Globals"]["Function"]["Environment"]["Variables"]

    def value(written):
        if isinstance(written, dict):
            if "Fn::Join" in written and isinstance(written["Fn::Join"][1], dict):
                # A list parameter, whose value is written with commas.
                separator, listed = written["Fn::Join"]
                return separator.join(value(listed).split(","))
            known = parameters.get(written.get("Ref"))
            # The rest names resources, which nothing here looks at.
            return "resource" if known is None else str(known)
        return str(written)

    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            own = properties.get("Environment", {}).get("Variables", {})
            yield pathlib.PurePath(properties["CodeUri"]).name, {n: value(w) for n, w in {**common, **own}.items()}


def failure(binary, environment, secret):
    """Why the binary does not start; None if it does."""
    if not binary.is_file():
        return "there is no such binary"
    runtime = Lambda(secret)
    here = f"http://{runtime.address()}"
    lambda_environment = {
        "AWS_LAMBDA_RUNTIME_API": runtime.address(),
        "AWS_LAMBDA_FUNCTION_NAME": binary.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{binary.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": here,
        "TZ": ":UTC",
    }
    services = {name: here for name in environment if name.startswith("AWS_ENDPOINT_URL_")}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [binary], env={**environment, **lambda_environment, **services}, stdout=output, stderr=output
        )
        ended = threading.Thread(target=lambda: (process.wait(), runtime.asked.set()), daemon=True)
        ended.start()
        in_time = runtime.asked.wait(INIT_SECONDS)
        status = process.poll()
        process.kill()
        ended.join()
        runtime.stop()
        if status is None and in_time:
            return None
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    if status is None:
        return f"asked for no event in {INIT_SECONDS} s\n{said}"
    return f"ended with status {status} before it asked for an event\n{said}"


def main(template, supplied, folder):
    template, supplied = (yaml_parse(pathlib.Path(file).read_text()) for file in (template, supplied))
    parameters = effective(template["Parameters"], supplied)
    failed, started = False, 0
    for name, environment in functions(template, parameters):
        why = failure(pathlib.Path(folder).resolve() / name, environment, supplied["TokenSigningKey"])
        if why is None:
            started += 1
        else:
            failed = True
            print(f"{name}: {why}", file=sys.stderr)
    print(f"{started} start")
    return failed


sys.exit(main(*sys.argv[1:]))
