"""Holds tools/probe to the gateway: open_questions.py <folder of binaries>

Whatever a switch is set to, the probe has to find it out from outside, as it would find out what AWS does.
"""

import argparse
import asyncio
import json
import pathlib
import socket
import sys

import running

PROBE = pathlib.Path(__file__).parent.parent / "tools" / "probe"
sys.path.insert(0, str(PROBE))
import probe  # noqa: E402

DEFAULTS = {
    "trailing_slash_matches": False,
    "greedy_matches_root": True,
    "decoded_question_mark_truncates": True,
    "json_suffix_is_text": False,
    "graphql_is_text": False,
    "encoded_body_is_binary": False,
    "integration_timeout_status": 503,
    "authorizer_result_ttl": 0,
    "connect_timeout_status": 504,
    "plain_request_status": 403,
    "paths_below_stage": False,
    "binary_closes": True,
}
OTHERS = {
    name: not value if isinstance(value, bool) else 300 if name == "authorizer_result_ttl" else 599
    for name, value in DEFAULTS.items()
}


def found(binaries, switches):
    """What the probe says of a gateway with these switches."""
    options = [f"--behaviour={name}={json.dumps(value)}" for name, value in switches.items()]
    with running.gateway(binaries, PROBE / "template.yaml", *options) as gateway:
        http, connections = gateway["apis"]
        # A plain request to the WebSocket API is one only by that API's own name.
        named = connections["url"].replace("localhost", f"{connections['apiId']}.localhost")
        findings = asyncio.run(probe.ask(argparse.Namespace(http=http["url"], socket=named, slow=False)))
    return {finding.switch: finding.value for finding in findings if finding.switch}, len(findings)


def main(binaries):
    for what, switches, set_ in [("defaults", DEFAULTS, {}), ("other values", OTHERS, OTHERS)]:
        values, count = found(binaries, set_)
        if values != switches:
            wrong = {name: value for name, value in values.items() if switches.get(name) != value}
            raise SystemExit(f"{what}: the probe finds {wrong}, and nothing of {switches.keys() - values.keys()}")
        print(f"{what}: {len(values)} switches found out, {count} findings")


# Browsers and curl know every name under `localhost`, Python does not.
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: resolve(
    "localhost" if str(host).endswith(".localhost") else host, *rest, **more
)

main(*sys.argv[1:])
