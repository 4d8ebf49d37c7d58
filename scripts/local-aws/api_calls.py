"""Calls to the emulator's own service APIs, and the conversion of CloudFormation properties to their requests."""

import json
from functools import lru_cache

import boto3
from botocore import xform_name
from botocore.config import Config

ENDPOINT = {"url": None}  # set by emulator.py once the port is known


class ApiError(Exception):
    """A response that reports a failure without being an error."""


@lru_cache(maxsize=None)
def client(service, region):
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=ENDPOINT["url"],
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60, parameter_validation=True),
    )


def call(service, region, operation, request):
    response = getattr(client(service, region), xform_name(operation))(**request)
    response.pop("ResponseMetadata", None)
    return response


def input_shape(service, region, operation):
    api = client(service, region)
    return api.meta.service_model.operation_model(api.meta.method_to_api_mapping[operation]).input_shape


def find(value, name):
    """The first value under a key of that name, breadth first, ignoring case."""
    queue = [value]
    while queue:
        item = queue.pop(0)
        if isinstance(item, list):
            queue += item
        elif isinstance(item, dict):
            for key, found in item.items():
                if key.lower() == name.lower():
                    return found
            queue += item.values()
    return None


def to_request(shape, value, rename, unsent, path=""):
    """Converts a property value to what the API's shape wants; paths without counterpart are appended to `unsent`."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        by_name = {name.lower(): name for name in shape.members}
        request = {}
        for key, item in value.items():
            member = by_name.get(rename.get(key, key).lower())
            if member is None:
                unsent.append(f"{path}{key}")
            else:
                request[member] = to_request(shape.members[member], item, rename, unsent, f"{path}{key}.")
        return request
    if kind == "list":
        items = value if isinstance(value, list) else [value]
        return [to_request(shape.member, item, rename, unsent, path) for item in items]
    if kind == "map":
        if isinstance(value, list):  # CloudFormation's tag list
            return {tag["Key"]: str(tag["Value"]) for tag in value}
        return {key: to_request(shape.value, item, rename, unsent, f"{path}{key}.") for key, item in value.items()}
    if kind in ("integer", "long"):
        return int(value)
    if kind in ("float", "double"):
        return float(value)
    if kind == "boolean":
        return str(value).lower() == "true"
    if kind == "string":
        return json.dumps(value) if isinstance(value, (dict, list, bool)) else str(value)
    return value


def leaves(value, name=""):
    """All (key, scalar) pairs of a nested value; JSON documents inside strings are opened."""
    if isinstance(value, str) and value[:1] in "{[":
        try:
            value = json.loads(value)
        except ValueError:
            pass
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, name if set(value) == {"Value"} else key)
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            yield from leaves(item, name)
    elif value is not None:
        text = str(value).lower()
        yield name.lower(), text[:-2] if text.endswith(".0") else text
