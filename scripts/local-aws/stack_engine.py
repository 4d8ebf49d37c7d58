"""What CloudFormation does with a stack: order, update, replacement, rollback, deletion, exports.

As CloudFormation documents it: what is new or changed is brought up in the order of dependencies; only then goes what was
removed or replaced, by DeletionPolicy and UpdateReplacePolicy, and what cannot go is left behind without failing the
update. A failure is told by the status and the events of the stack, and is rolled back: what was updated is updated back,
what was replaced is the old one again, what is new goes by its DeletionPolicy. A deletion that fails leaves the resource
and all that it refers to, and can be tried again.
"""

import re
import traceback

import moto.cloudformation.models as models
from moto.cloudformation.exceptions import ValidationError

import schemas
from resources import attempt, can_update, create_resource, delete_resource, resolve, update_resource

IGNORED = {"AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle"}


def references(value):
    """Names that a definition refers to by Ref, Fn::GetAtt, Fn::Sub or DependsOn."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "Ref":
                yield item
            elif key == "Fn::GetAtt":
                yield item[0] if isinstance(item, list) else item.split(".")[0]
            elif key == "DependsOn":
                yield from [item] if isinstance(item, str) else item
            else:
                if key == "Fn::Sub":
                    yield from re.findall(r"\$\{(\w+)", item if isinstance(item, str) else item[0])
                yield from references(item)


def in_order(definitions):
    """Logical ids, each after what it refers to."""
    order = []

    def visit(name, path):
        if name in path:
            raise ValidationError(message=f"Circular dependency between resources: {' -> '.join([*path, name])}")
        if name not in order:
            for other in references(definitions[name]):
                if other in definitions and other != name:
                    visit(other, [*path, name])
            order.append(name)

    for name in definitions:
        visit(name, [])
    return order


def present(resource_map):
    """Logical ids of what exists now, each after what it refers to; the map holds parameters and the like too."""
    return in_order(
        {name: item.definition for name, item in resource_map._parsed_resources.items() if hasattr(item, "entry")}
    )


def deploy_resource(resource_map, name, definition, old):
    """Brings one resource to its definition; returns it and what was done."""
    resource_type, properties = definition["Type"], resolve(resource_map, definition)
    same_type = old is not None and old.cf_resource_type == resource_type
    if same_type and old.resolved == properties:
        old.definition = definition
        return old, "unchanged"
    found = schemas.faults(resource_type, properties)
    if found:
        raise ValidationError(message="; ".join(found))
    if old is None:
        return create_resource(resource_map, name, definition, properties), "created"
    if same_type and can_update(old) and not schemas.replacing(resource_type, old.resolved, properties):
        return update_resource(resource_map, old, definition, properties), "updated"
    new = create_resource(resource_map, name, definition, properties)
    new.entry["replaces"] = old.physical_resource_id
    return new, "replaced"


def take(resource_map, template, parameters):
    """Lets the map evaluate a template with its parameters; what is deployed stays."""
    slots = template.get("Parameters", {})
    resource_map._template, resource_map._resource_json_map = template, template.get("Resources", {})
    resource_map.resolved_parameters = {}
    resource_map.input_parameters = {name: value for name, value in (parameters or {}).items() if name in slots}
    resource_map.load_mapping()
    resource_map.load_parameters()
    resource_map.load_conditions()


def apply(resource_map, template, parameters, event):
    """Brings the resources of a stack to a template; returns what is left over, with the policy that counts, last first."""
    deployed = resource_map._parsed_resources
    old_order = present(resource_map)
    take(resource_map, template, parameters)
    wanted = {
        name: definition
        for name, definition in template["Resources"].items()
        if definition["Type"] not in IGNORED
        and ("Condition" not in definition or resource_map.lazy_condition_map[definition["Condition"]])
    }
    leftover = {name: (deployed.pop(name), "DeletionPolicy") for name in old_order if name not in wanted}
    for name in in_order(wanted):
        definition, old = wanted[name], deployed.get(name)
        verb = "UPDATE" if old else "CREATE"
        try:
            deployed[name], done = attempt(
                name, definition["Type"], deploy_resource, resource_map, name, definition, old
            )
        except ValidationError as error:
            event(name, definition["Type"], getattr(old, "physical_resource_id", ""), f"{verb}_FAILED", error.message)
            raise
        if done == "replaced":
            old.definition = definition  # whose policy counts
            leftover[name] = (old, "UpdateReplacePolicy")
        if done != "unchanged":
            event(name, definition["Type"], deployed[name].physical_resource_id, f"{verb}_COMPLETE")
    return [(name, *leftover[name]) for name in reversed(old_order) if name in leftover]


def delete(resource_map, name, resource, policy, event, created_now=False):
    """Deletes a resource as its policy says; tells whether it is gone."""
    try:
        attempt(name, resource.cf_resource_type, delete_resource, resource_map, resource, policy, created_now)
    except ValidationError as error:
        event(name, resource.cf_resource_type, resource.physical_resource_id, "DELETE_FAILED", error.message)
        return False
    status = "DELETE_SKIPPED" if resource.entry["state"] == "retained" else "DELETE_COMPLETE"
    event(name, resource.cf_resource_type, resource.physical_resource_id, status)
    return True


def delete_all(resource_map, resources, event, created_now=False):
    """Deletes resources, given last first; returns those that could not be, and all that they refer to, by name."""
    left = {}
    for name, resource in resources:
        held = any(name in references(other.definition) for other in left.values())
        if held or not delete(resource_map, name, resource, "DeletionPolicy", event, created_now):
            left[name] = resource
    return left


def delete_stack(stack):
    """Deletes what a stack has; a failure can be tried again."""
    deployed = stack.resource_map._parsed_resources
    advance(stack, "DELETE_IN_PROGRESS", "User Initiated")
    resources = [(name, deployed[name]) for name in reversed(present(stack.resource_map))]
    left = delete_all(stack.resource_map, resources, stack_event(stack))
    for name, _ in resources:
        if name not in left:
            del deployed[name]
    reason = f"The following resource(s) failed to delete: [{', '.join(left)}]." if left else None
    advance(stack, "DELETE_FAILED" if left else "DELETE_COMPLETE", reason)


class Before:
    """A stack as it is before an operation."""

    def __init__(self, stack):
        deployed = stack.resource_map._parsed_resources
        self.template, self.template_dict, self.parameters = stack.template, stack.template_dict, stack.parameters
        self.resources = {
            name: (deployed[name], deployed[name].definition, deployed[name].resolved)
            for name in present(stack.resource_map)
        }

    def restore(self, stack, event):
        """Takes all resources back to what they were; returns those that are new, last first."""
        resource_map = stack.resource_map
        deployed = resource_map._parsed_resources
        new = []
        for name in reversed(present(resource_map)):
            if name not in self.resources or self.resources[name][0].entry is not deployed[name].entry:
                new.append((name, deployed.pop(name)))
        for name, (old, definition, properties) in self.resources.items():
            now = deployed.get(name, old)
            # A failed update may have changed a part, and never got as far as noting it.
            if now.entry["state"] == "updating" or now.resolved != properties:
                now = attempt(
                    name, old.cf_resource_type, update_resource, resource_map, now, definition, properties
                )
                event(name, old.cf_resource_type, now.physical_resource_id, "UPDATE_COMPLETE")
            now.definition = definition
            deployed[name] = now
        stack.template, stack.template_dict, stack.parameters = self.template, self.template_dict, self.parameters
        take(resource_map, self.template_dict, self.parameters)
        return new


def advance(stack, status, reason=None):
    stack.status = status
    stack._add_stack_event(status, resource_status_reason=reason)


def roll_back(stack, before, kind, reason):
    """Takes a failed operation back."""
    event, prefix = stack_event(stack), "ROLLBACK" if kind == "CREATE" else "UPDATE_ROLLBACK"
    advance(stack, f"{prefix}_IN_PROGRESS", reason)
    try:
        new = before.restore(stack, event)
    except ValidationError as error:
        advance(stack, f"{prefix}_FAILED", error.message)
        return
    if kind == "UPDATE":
        advance(stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    # What becomes of the new one of a replacement is documented nowhere; here it goes as what was created does.
    left = delete_all(stack.resource_map, new, event, created_now=True)
    if kind == "CREATE":
        stack.resource_map._parsed_resources.update(left)
    advance(stack, "ROLLBACK_FAILED" if left and kind == "CREATE" else f"{prefix}_COMPLETE")


def stack_event(stack):
    def event(logical_id, resource_type, physical_id, status, reason=None):
        stack.events.append(
            models.Event(
                stack.stack_id, stack.name, logical_id, str(physical_id), resource_type, status, reason, None
            )
        )

    return event


def check_exports_in_use(backend, stack, kept):
    """CloudFormation refuses to drop or change an export that another stack imports."""

    def imports(value):
        if isinstance(value, dict):
            if "Fn::ImportValue" in value:
                yield value["Fn::ImportValue"]
            value = list(value.values())
        if isinstance(value, list):
            for item in value:
                yield from imports(item)

    mine = {
        name: export.value for name, export in backend.exports.items() if export.exporting_stack_id == stack.stack_id
    }
    gone = {name for name, value in mine.items() if kept.get(name) != value}
    for other in backend.stacks.values():
        used = (
            gone & {name for name in imports(other.template_dict) if isinstance(name, str)}
            if other is not stack
            else None
        )
        if used:
            raise ValidationError(
                message=f"Export {sorted(used)[0]} cannot be changed or deleted as it is in use by {other.name}"
            )
    return mine


def deploy_stack(backend, stack, template, parameters, kind):
    """Creates or updates a stack; kind is CREATE or UPDATE."""
    before, event = Before(stack), stack_event(stack)
    advance(stack, f"{kind}_IN_PROGRESS", "User Initiated")
    stack.template, stack.parameters = template, dict(parameters or {})
    stack._parse_template()
    stack.cross_stack_resources = stack.resource_map.cross_stack_resources = backend.exports
    try:
        leftover = apply(stack.resource_map, stack.template_dict, stack.parameters, event)
        stack.output_map = stack._create_output_map()
        exports = {export.name: export for export in stack.output_map.exports}
        list(stack.output_map.values())  # evaluated now: the resources may be gone when somebody looks
        previous = check_exports_in_use(backend, stack, {name: export.value for name, export in exports.items()})
        taken = [name for name in exports if name in backend.exports and name not in previous]
        if taken:
            raise ValidationError(message=f"Export with name {taken[0]} is already exported by another stack")
    except Exception as error:
        if not isinstance(error, ValidationError):
            traceback.print_exc()
        roll_back(stack, before, kind, str(getattr(error, "message", error)))
        return
    for name in previous:
        del backend.exports[name]
    backend.exports.update(exports)
    stack.published = list(exports.values())
    stack.description = stack.template_dict.get("Description")
    if kind == "UPDATE":
        advance(stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    for name, old, policy in leftover:
        delete(stack.resource_map, name, old, policy, event)
    advance(stack, f"{kind}_COMPLETE")
