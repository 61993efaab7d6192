"""Runs functions by `cargo lambda watch`, as the README has it: cargo_lambda.py <parlance>

The backend asks the Invoke API of `cargo lambda watch` for every function; the demonstration is played on it, over HTTP
and WebSocket. Then `cargo lambda invoke` asks both for one function. The functions' release binaries are to be built.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

PATIENCE = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def address_of(backend):
    """Port at which the backend says that it runs; what it says later is read, so that it can go on."""
    for line in backend.stdout:
        event = json.loads(line)
        if event["event"] == "started":
            threading.Thread(target=lambda: [None for _ in backend.stdout], daemon=True).start()
            return event["url"].rsplit(":", 1)[1]
    raise SystemExit("the backend does not start")


def listening(port, process, log):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"cargo lambda watch does not listen:\n{log.read_text()}")


def invoke(*where):
    said = subprocess.run(
        ["cargo", "lambda", "invoke", *where, "auth-check-email", "--data-file", "events/auth-check-email.json"],
        env={**os.environ, "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"},
        stdout=subprocess.PIPE,
        timeout=PATIENCE,
        check=True,
    )
    answer = json.loads(said.stdout)
    if answer["statusCode"] != 200 or "exists" not in json.loads(answer["body"]):
        raise SystemExit(f"cargo lambda invoke {' '.join(where)}: {answer}")


def stop(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def main(parlance):
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        data, log = pathlib.Path(folder, "data"), pathlib.Path(folder, "watch.log")
        backend = subprocess.Popen(
            [parlance, "--port", "0", "--data", data, "--log", "json", "--invoke", f"http://127.0.0.1:{port}"],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        watch = None
        try:
            own = address_of(backend)
            with log.open("w") as output:
                watch = subprocess.Popen(
                    ["cargo", "lambda", "watch", "--release", "--ignore-changes", "--package", "function-binaries"]
                    + ["--invoke-port", str(port), "--env-file", data / "functions.env"],
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            listening(port, watch, log)
            if subprocess.run([parlance, "demo", "--port", own], timeout=5 * PATIENCE).returncode:
                raise SystemExit(f"the demonstration fails:\n{log.read_text()}")
            invoke("--invoke-port", str(port))
            invoke("--invoke-address", "127.0.0.1", "--invoke-port", own)
            invoke("--remote", "--region", "us-east-1", "--endpoint-url", f"http://localhost:{own}")
        finally:
            for process in filter(None, (watch, backend)):
                stop(process)


main(sys.argv[1])
