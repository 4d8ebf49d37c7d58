"""What CloudFormation does with a stack: order, update, replacement, deletion, exports.

Not emulated: rollback. A failure is an error that names the resource, and what was made before it stays.
"""

import re

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


def apply(resource_map, template, parameters, event):
    """Brings the resources of a stack to a template: creates, updates, replaces, then deletes what is left over."""
    deployed = resource_map._parsed_resources
    old_order = present(resource_map)
    slots = template.get("Parameters", {})
    resource_map._template, resource_map._resource_json_map = template, template["Resources"]
    resource_map.resolved_parameters = {}
    resource_map.input_parameters = {name: value for name, value in (parameters or {}).items() if name in slots}
    resource_map.load_mapping()
    resource_map.load_parameters()
    resource_map.load_conditions()

    wanted = {
        name: definition
        for name, definition in template["Resources"].items()
        if definition["Type"] not in IGNORED
        and ("Condition" not in definition or resource_map.lazy_condition_map[definition["Condition"]])
    }
    leftover = {name: (deployed.pop(name), "DeletionPolicy") for name in old_order if name not in wanted}
    for name in in_order(wanted):
        definition, old = wanted[name], deployed.get(name)
        deployed[name], done = attempt(name, definition["Type"], deploy_resource, resource_map, name, definition, old)
        if done == "replaced":
            old.definition = definition  # whose policy counts
            leftover[name] = (old, "UpdateReplacePolicy")
        if done != "unchanged":
            event(name, deployed[name], "CREATE_COMPLETE" if done == "created" else "UPDATE_COMPLETE")
    for name in reversed(old_order):
        if name in leftover:
            old, policy = leftover[name]
            attempt(name, old.cf_resource_type, delete_resource, resource_map, old, policy)
            event(name, old, "DELETE_COMPLETE")


def delete_all(resource_map, event):
    deployed = resource_map._parsed_resources
    for name in reversed(present(resource_map)):
        resource = deployed[name]
        attempt(name, resource.cf_resource_type, delete_resource, resource_map, resource, "DeletionPolicy")
        del deployed[name]
        event(name, resource, "DELETE_COMPLETE")


def stack_event(stack):
    def event(logical_id, resource, status):
        stack.events.append(
            models.Event(
                stack.stack_id,
                stack.name,
                logical_id,
                str(resource.physical_resource_id),
                resource.cf_resource_type,
                status,
                None,
                None,
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
    stack._add_stack_event(f"{kind}_IN_PROGRESS", resource_status_reason="User Initiated")
    stack.status = f"{kind}_IN_PROGRESS"
    stack.template, stack.parameters = template, dict(parameters or {})
    stack._parse_template()
    stack.cross_stack_resources = stack.resource_map.cross_stack_resources = backend.exports
    try:
        apply(stack.resource_map, stack.template_dict, stack.parameters, stack_event(stack))
        stack.output_map = stack._create_output_map()
        exports = {export.name: export for export in stack.output_map.exports}
        list(stack.output_map.values())  # evaluated now: the resources may be gone when somebody looks
        previous = check_exports_in_use(backend, stack, {name: export.value for name, export in exports.items()})
        taken = [name for name in exports if name in backend.exports and name not in previous]
        if taken:
            raise ValidationError(message=f"Export with name {taken[0]} is already exported by another stack")
    except Exception as error:
        stack.status = f"{kind}_FAILED"
        stack._add_stack_event(stack.status, resource_status_reason=str(getattr(error, "message", error)))
        raise
    for name in previous:
        del backend.exports[name]
    backend.exports.update(exports)
    stack.published = list(exports.values())
    stack.description = stack.template_dict.get("Description")
    stack.status = f"{kind}_COMPLETE"
    stack._add_stack_event(stack.status)
