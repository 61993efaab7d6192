"""Expands SAM templates as a deployment does, and lints what comes out: expand.py <template>...

`sam validate --lint` does not run the transform, so it accepts, for one, WebSocket route keys that the transform refuses.
"""

import json
import logging
import os
import pathlib
import sys

from cfnlint.api import lint
from cfnlint.config import ManualArgs
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

RESOURCES_PER_TEMPLATE = 500
REGION = "us-east-1"
os.environ["AWS_DEFAULT_REGION"] = REGION
# It would have its usage reported, which nobody here asked for.
logging.getLogger("samtranslator.metrics").setLevel(logging.ERROR)


class ManagedPolicies:
    """The one managed policy that the transform looks up by name."""

    def load(self):
        name = "AWSLambdaBasicExecutionRole"
        return {name: f"arn:aws:iam::aws:policy/service-role/{name}"}


def uploaded(template, folder):
    """The template as `sam deploy` leaves it: what lies beside it has become an address in S3."""
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = "s3://uploaded/function.zip"
        if resource["Type"] == "AWS::Serverless::Application":
            if not (folder / properties["Location"]).is_file():
                raise ValueError(f"{name}: no file {properties['Location']}")
            properties["Location"] = "https://s3.amazonaws.com/uploaded/template.yaml"
    return template


def mistakes(path):
    template = uploaded(yaml_parse(path.read_text()), path.parent)
    defaults = {name: str(p["Default"]) for name, p in template.get("Parameters", {}).items() if "Default" in p}
    try:
        expanded = transform(template, defaults, ManagedPolicies())
    except InvalidDocumentException as refused:
        return [cause.message for cause in refused.causes]
    count = len(expanded["Resources"])
    print(f"{path}: {count} resources of at most {RESOURCES_PER_TEMPLATE}")
    found = [str(match) for match in lint(json.dumps(expanded), config=ManualArgs(regions=[REGION]))]
    if count > RESOURCES_PER_TEMPLATE:
        found.append("too many resources for one CloudFormation template")
    return found


failed = False
for argument in sys.argv[1:]:
    for mistake in mistakes(pathlib.Path(argument)):
        failed = True
        print(f"{argument}: {mistake}", file=sys.stderr)
sys.exit(failed)
