"""The CloudFormation registry schemas that cfn-lint bundles: what a resource type accepts, replaces and returns."""

from functools import lru_cache

from cfnlint.jsonschema import CfnTemplateValidator
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

REGION = "us-east-1"  # the region whose schemas are read; properties do not differ between regions


@lru_cache(maxsize=None)
def schema(resource_type):
    """The schema of a resource type, or None if CloudFormation does not know it."""
    try:
        return PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, resource_type).schema
    except Exception:  # cfn-lint raises an error class of its own per version
        return None


@lru_cache(maxsize=None)
def _validator(resource_type):
    return CfnTemplateValidator(schema=schema(resource_type))


def _top_level(resource_type, keyword):
    """Names of the top-level properties listed under a keyword such as createOnlyProperties."""
    paths = schema(resource_type).get(keyword) or []
    return {path.split("/")[2] for path in paths if path.count("/") == 2}


def _coercible(error):
    """CloudFormation takes "5" for a number, "true" for a boolean, and scalars for strings."""
    if error.validator != "type":
        return False
    expected = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    text = str(error.instance).lower()
    return not isinstance(error.instance, (dict, list)) and (
        "string" in expected
        or "boolean" in expected
        and text in ("true", "false")
        or {"integer", "number"} & set(expected)
        and text.replace(".", "", 1).lstrip("-").isdigit()
    )


def faults(resource_type, properties):
    """What CloudFormation's schema has against these resolved properties, as readable lines."""
    if schema(resource_type) is None:
        return ["unknown resource type"]
    found = [
        f"{'.'.join(map(str, error.path)) or 'properties'}: {error.message}"
        for error in _validator(resource_type).iter_errors(properties)
        if not _coercible(error)
    ]
    read_only = _top_level(resource_type, "readOnlyProperties")
    return found + [f"{name}: is read-only" for name in properties if name in read_only]


def replacing(resource_type, old, new):
    """The changed properties that CloudFormation cannot update in place."""
    return sorted(name for name in _top_level(resource_type, "createOnlyProperties") if old.get(name) != new.get(name))


def primary_identifier(resource_type):
    return [path.split("/")[-1] for path in schema(resource_type).get("primaryIdentifier") or []]
