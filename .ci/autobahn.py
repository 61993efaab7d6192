"""Runs the Autobahn test suite against the gateway: autobahn.py <folder of binaries> <command of wstest>...

The suite (https://github.com/crossbario/autobahn-testsuite, 0.8.2) is the client; behind the gateway's one two-way route a
function sends each message back. Every case has to end as it should, but for those that API Gateway itself refuses:
REFUSED names them, with the code that it closes with instead (W-27, W-28). A case there that passes all the same fails.
"""

import collections
import fnmatch
import json
import pathlib
import subprocess
import sys
import tempfile

import running

AGENT = "gateway"
# By pattern: binary messages, and frames of more than 32 KB or messages of more than 128 KB.
REFUSED = {
    "1.1.[678]": 1009,
    "1.2.[1-5]": 1003,
    "1.2.[678]": 1009,
    "9.[1-6].*": 1009,
    "9.8.*": 1003,
}
# Compression is never negotiated (W-02): these cases find that there is nothing to try.
NOT_NEGOTIATED = ["12.*", "13.*"]

TEMPLATE = """
Resources:
  Echo:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: echo/
      Handler: bootstrap
      Runtime: provided.al2023
      Timeout: 30
      Environment: {Variables: {ECHO: body}}
  Socket:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      StageName: dev
      Routes:
        $default: {FunctionArn: !GetAtt Echo.Arn, RouteResponseSelectionExpression: $default}
  Answer:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: {ApiId: !Ref Socket, RouteId: !Ref SocketDefaultRoute, RouteResponseKey: $default}
"""


def results(folder, url, wstest):
    """What each case ended as."""
    specification = {
        "outdir": str(folder / "reports"),
        "servers": [{"agent": AGENT, "url": url}],
        "cases": ["*"],
        "exclude-cases": [],
        "exclude-agent-cases": {},
    }
    path = folder / "fuzzingclient.json"
    path.write_text(json.dumps(specification))
    with (folder / "wstest.log").open("w") as log:
        done = subprocess.run([*wstest, "--mode", "fuzzingclient", "--spec", path], stdout=log, stderr=log, check=False)
    index = folder / "reports" / "index.json"
    if done.returncode != 0 or not index.exists():
        raise SystemExit(f"the suite did not run:\n{(folder / 'wstest.log').read_text()[-3000:]}")
    return json.loads(index.read_text())[AGENT]


def wrong(case, result):
    """What is wrong with the outcome of a case, if anything is."""
    outcome, code = (result["behavior"], result["behaviorClose"]), result["remoteCloseCode"]
    refused = next((closed for pattern, closed in REFUSED.items() if fnmatch.fnmatchcase(case, pattern)), None)
    if refused:
        return None if code == refused else f"{outcome}, closed with {code} instead of {refused}"
    if any(fnmatch.fnmatchcase(case, pattern) for pattern in NOT_NEGOTIATED):
        return None if outcome[0] == "UNIMPLEMENTED" else f"{outcome}"
    # "Non-strict" are cases that send a message and then something wrong, and wait for the answer before the close: a
    # function takes its time. "Informational" are cases in which an implementation may choose.
    allowed = ("OK", "NON-STRICT", "INFORMATIONAL")
    return None if all(part in allowed for part in outcome) else f"{outcome}, closed with {code}"


def main(binaries, *wstest):
    with tempfile.TemporaryDirectory() as folder, running.gateway(binaries, TEMPLATE) as started:
        found = results(pathlib.Path(folder), started["apis"][0]["url"], wstest)
    mistakes = {case: mistake for case, result in sorted(found.items()) if (mistake := wrong(case, result))}
    for case, mistake in mistakes.items():
        print(f"FAILED {case}: {mistake}", file=sys.stderr)
    kinds = collections.Counter(result["behavior"] for result in found.values())
    print(f"{len(found) - len(mistakes)} of {len(found)} cases end as they should: {dict(kinds)}")
    return 1 if mistakes else 0


sys.exit(main(*sys.argv[1:]))
