"""One resource of a stack: by API where resource_types has its type, by moto's CloudFormation code, or as a stub."""

import copy
import re
import traceback

import moto.cloudformation.parsing as parsing
from botocore.exceptions import BotoCoreError, ClientError
from moto.cloudformation.exceptions import ValidationError

import schemas
from api_calls import ApiError
from api_resources import ApiResource, Stub
from resource_types import RESOURCE_TYPES

REPORT = []  # one entry per physical resource, in order of creation; served by emulator.py


class TrackedDict(dict):
    """Remembers which keys were looked at, to tell which properties moto's own CloudFormation code ignores."""

    def __init__(self, values):
        super().__init__(
            {key: TrackedDict(value) if isinstance(value, dict) else value for key, value in values.items()}
        )
        self.seen = set()

    def __getitem__(self, key):
        self.seen.add(key)
        return super().__getitem__(key)

    def get(self, key, default=None):
        self.seen.add(key)
        return super().get(key, default)

    def pop(self, key, *default):
        self.seen.add(key)
        return super().pop(key, *default)

    def items(self):
        self.seen.update(self)
        return super().items()

    def values(self):
        self.seen.update(self)
        return super().values()

    def unseen(self):
        return [key for key in self if key not in self.seen]


def resolve(resource_map, definition):
    """The properties of a resource with all intrinsic functions evaluated."""

    def without_nulls(value):
        if isinstance(value, dict):
            return {key: without_nulls(item) for key, item in value.items()}
        if isinstance(value, list):
            return [without_nulls(item) for item in value if item is not None]
        return value

    def check(value):
        if isinstance(value, dict):
            if len(value) == 1 and next(iter(value)).startswith("Fn::"):
                raise ValidationError(message=f"cannot evaluate {value}")
            value = list(value.values())
        if isinstance(value, list):
            for item in value:
                check(item)

    properties = without_nulls(parsing.clean_json(copy.deepcopy(definition.get("Properties") or {}), resource_map))
    check(properties)
    return properties


def create_native(resource_map, resource_type, properties, logical_id):
    """Through moto's CloudFormation code for the type."""
    model = parsing.get_model_map()[resource_type]
    tracked = TrackedDict(properties)
    name_property = parsing.resource_name_property_from_type(resource_type)
    name = properties.get(name_property) or parsing.generate_resource_name(
        resource_type, resource_map["AWS::StackName"], logical_id
    )
    resource = model.create_from_cloudformation_json(
        name,
        {"Type": resource_type, "Properties": tracked},
        resource_map._account_id,
        resource_map._region_name,
        LogicalId=logical_id,
        StackId=resource_map.stack_id,
        ResourceType=resource_type,
    )
    resource.mode, resource.not_sent, resource.not_read_back = "native", tracked.unseen(), []
    return resource


def create_by_api(resource):
    """What fails halfway is deleted again."""
    try:
        return resource.create()
    except Exception:
        if resource.ref is not None:
            resource.delete()
        raise


def create_resource(resource_map, logical_id, definition, properties):
    resource_type = definition["Type"]
    if resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource":
        raise ValidationError(message="custom resources need a running Lambda function, which the emulator has not")
    spec = RESOURCE_TYPES.get(resource_type)
    where = resource_map._account_id, resource_map._region_name
    random = parsing.random_suffix()
    name = f"{resource_map['AWS::StackName']}-{logical_id}"[: 62 - len(random)].rstrip("-") + f"-{random}"
    if spec and not spec.stub_if(properties):
        resource = create_by_api(ApiResource(spec, properties, name, *where))
    elif not spec and resource_type in parsing.get_model_map():
        resource = create_native(resource_map, resource_type, properties, logical_id)
    else:
        resource = Stub(resource_type, schemas.primary_identifier(resource_type), properties, name, *where)
    resource.logical_resource_id, resource.cf_resource_type = logical_id, resource_type
    resource.resolved, resource.definition = copy.deepcopy(properties), definition
    resource.entry = {
        "stack": resource_map["AWS::StackName"],
        "logicalId": logical_id,
        "type": resource_type,
        "mode": resource.mode,
    }
    REPORT.append(resource.entry)
    return note(resource, "created")


def note(resource, state):
    resource.entry.update(
        state=state,
        physicalId=resource.physical_resource_id,
        notSentToApi=resource.not_sent,
        notReadBack=resource.not_read_back,
    )
    return resource


def update_resource(resource_map, old, definition, properties):
    old.entry["state"] = "updating"
    resource = update_native(resource_map, old, properties) if old.mode == "native" else old.update(properties)
    resource.resolved, resource.definition = copy.deepcopy(properties), definition
    return note(resource, "updated")


def update_native(resource_map, resource, properties):
    model, tracked = type(resource), TrackedDict(properties)
    updated = model.update_from_cloudformation_json(
        original_resource=resource,
        new_resource_name=resource.physical_resource_id,
        cloudformation_json={"Type": resource.cf_resource_type, "Properties": tracked},
        account_id=resource_map._account_id,
        region_name=resource_map._region_name,
    )
    for attribute in ("logical_resource_id", "cf_resource_type", "entry", "mode", "not_read_back"):
        setattr(updated, attribute, getattr(resource, attribute))
    updated.not_sent = tracked.unseen()
    return updated


def can_update(resource):
    return resource.mode != "native" or not hasattr(
        type(resource).update_from_cloudformation_json, "__isabstractmethod__"
    )


def delete_resource(resource_map, resource, policy, created_now=False):
    """Deletes it unless its policy keeps it; what the same operation created is kept by Retain only."""
    kept = resource.definition.get(policy, "Delete")
    if kept == "Retain" or kept == "RetainExceptOnCreate" and not created_now:
        note(resource, "retained")
        return
    if resource.mode == "native":
        resource_map._delete_resource(
            resource, {"Type": resource.cf_resource_type, "Properties": copy.deepcopy(resource.resolved)}
        )
    else:
        resource.delete()
    resource.entry["state"] = "deleted"


def attempt(logical_id, resource_type, action, *arguments):
    """Runs an action so that any failure becomes a CloudFormation error that names the resource."""
    try:
        return action(*arguments)
    except Exception as error:
        expected = isinstance(error, (ValidationError, ClientError, BotoCoreError, ApiError))
        if not expected:
            traceback.print_exc()
        reason = getattr(error, "message", None) or str(error) if expected else f"{type(error).__name__}: {error}"
        reason = re.sub(r"<!doctype.*", "internal error of the emulator, see its log", reason, flags=re.DOTALL)
        raise ValidationError(message=f"{logical_id} ({resource_type}): {reason}") from error
