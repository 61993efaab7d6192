"""The program `gateway` for as long as a check needs it."""

import contextlib
import json
import pathlib
import subprocess
import tempfile
import threading


@contextlib.contextmanager
def gateway(binaries, template, *options):
    """Runs it on a free port with this template (text or a path), `gateway-echo` being its function Echo; what it
    says when it has started."""
    binaries = pathlib.Path(binaries).resolve()
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(template, str):
            path = pathlib.Path(folder) / "template.yaml"
            path.write_text(template)
            options = ["--function", f"Echo={binaries / 'gateway-echo'}", *options]
        else:
            path = template
        command = [binaries / "gateway", "--port", "0", "--log", "json", "--template", path, *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            errors = []
            reading = threading.Thread(target=lambda: errors.append(process.stderr.read()), daemon=True)
            reading.start()
            try:
                yield started(process, reading, errors)
            finally:
                process.terminate()


def started(process, reading, errors):
    """Its first words; what it says later is read, so that it can go on."""
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "started":
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return event
    reading.join()
    raise SystemExit(f"the gateway does not start: {''.join(errors)}")
