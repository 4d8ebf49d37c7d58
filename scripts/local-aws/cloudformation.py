"""The CloudFormation API with this folder's stack engine in the place of moto's.

moto's own engine ignores DependsOn and Fn::GetAtt order in change sets, skips unknown types silently, mixes up
change sets of different stacks, loses exports of stacks made by change sets, and fails on UsePreviousValue.
It still parses requests, evaluates most intrinsic functions and writes responses.
"""

import ipaddress
import itertools

import moto.cloudformation.models as models
import moto.cloudformation.parsing as parsing
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult

from stack_engine import check_exports_in_use, deploy_stack
from stack_engine import delete_stack as delete_resources_of


def get_stack_output(arguments, resource_map):
    backend = models.cloudformation_backends[resource_map._account_id][
        arguments.get("Region", resource_map._region_name)
    ]
    stack = backend.get_stack(arguments["StackName"])
    for output in stack.outputs or []:
        if output["OutputKey"] == arguments["OutputName"]:
            return output["OutputValue"]
    raise ValidationError(message=f"Stack {stack.name} has no output {arguments['OutputName']}")


def cidr(arguments, _):
    block, count, bits = arguments[0], int(arguments[1]), int(arguments[2])
    network = ipaddress.ip_network(block)
    return [str(subnet) for subnet in itertools.islice(network.subnets(new_prefix=network.max_prefixlen - bits), count)]


INTRINSICS = {
    "Fn::GetStackOutput": get_stack_output,
    "Fn::Cidr": cidr,
    "Fn::GetAZs": lambda region, resource_map: [f"{region or resource_map._region_name}{zone}" for zone in "abcd"],
}


def with_intrinsics(clean_json):
    def evaluate(value, resource_map):
        name = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None
        if name in INTRINSICS:
            return INTRINSICS[name](evaluate(value[name], resource_map), resource_map)
        return clean_json(value, resource_map)

    return evaluate


def raw_parameters(template, given):
    """Parameters as given or by default, before SSM values are looked up: what UsePreviousValue means."""
    slots = template.get("Parameters", {})
    values = {name: given.get(name, slot.get("Default")) for name, slot in slots.items()}
    return {name: str(value) for name, value in values.items() if value is not None}


def create_stack(self, name, template, parameters, notification_arns=None, tags=None, role_arn=None, **options):
    if any(stack.name == name for stack in self.stacks.values()):
        raise models.AlreadyExistsException(f"Stack {name} already exists")
    stack = models.Stack(
        stack_id=models.generate_stack_id(name, self.region_name, self.account_id),
        name=name,
        template={},
        parameters={},
        account_id=self.account_id,
        region_name=self.region_name,
        notification_arns=notification_arns,
        tags=tags,
        role_arn=role_arn,
    )
    self.stacks[stack.stack_id] = stack
    deploy_stack(self, stack, template, parameters, "CREATE")
    return stack


def update_stack(self, name, template, role_arn, parameters, tags):
    stack = self.get_stack(name)
    previous = stack.stack_parameters
    values = {
        p["ParameterKey"]: previous.get(p["ParameterKey"]) if p.get("UsePreviousValue") else p["ParameterValue"]
        for p in parameters
    }
    deploy_stack(self, stack, template, {key: value for key, value in values.items() if value is not None}, "UPDATE")
    stack.role_arn, stack.tags = role_arn, stack.tags if tags is None else tags
    return stack


def delete_stack(self, name_or_stack_id):
    stack = next((s for s in self.stacks.values() if name_or_stack_id in (s.name, s.stack_id)), None)
    if stack is None:
        return
    exports = check_exports_in_use(self, stack, {})
    delete_resources_of(stack)
    if stack.status == "DELETE_FAILED":
        return
    for name in exports:
        del self.exports[name]
    self.deleted_stacks[stack.stack_id] = self.stacks.pop(stack.stack_id)
    for change_set in [one for one in self.change_sets.values() if one.stack_id == stack.stack_id]:
        del self.change_sets[change_set.change_set_id]


def change_set_of(handler, required=True):
    """The change set that a request names; the CLI uses the same name in every stack, the newest counts."""
    name, stack_name = handler._get_param("ChangeSetName"), handler._get_param("StackName")
    for change_set in reversed(handler.cloudformation_backend.change_sets.values()):
        in_stack = stack_name in (change_set.stack_id, change_set.stack_name)
        if name == change_set.change_set_id or (name == change_set.change_set_name and in_stack):
            return change_set
    if required:
        raise CloudFormationError("ChangeSetNotFoundException", f"ChangeSet [{name}] does not exist")
    return None


def delete_change_set(self):
    change_set = change_set_of(self, required=False)
    if change_set:
        del self.cloudformation_backend.change_sets[change_set.change_set_id]
    return EmptyResult()


def describe_change_set(self):
    return ActionResult(change_set_of(self))


def execute_change_set(self):
    backend, change_set = self.cloudformation_backend, change_set_of(self)
    stack = backend.stacks[change_set.stack_id]
    deploy_stack(backend, stack, change_set.template, change_set.parameters, change_set.change_set_type)
    if change_set.tags is not None:
        stack.tags = change_set.tags
    change_set.execution_status = "EXECUTE_COMPLETE"
    return EmptyResult()


def install():
    """Puts this engine in the place of moto's."""
    backend, stack = models.CloudFormationBackend, models.Stack
    backend.create_stack, backend.update_stack, backend.delete_stack = create_stack, update_stack, delete_stack
    for handler in (delete_change_set, describe_change_set, execute_change_set):
        setattr(CloudFormationResponse, handler.__name__, handler)
    stack.exports = property(lambda self: getattr(self, "published", []))
    stack.stack_parameters = property(lambda self: raw_parameters(self.template_dict, self.parameters))
    stack.parameter_list = property(
        lambda self: [{"ParameterKey": key, "ParameterValue": value} for key, value in self.stack_parameters.items()]
    )
    stack.has_parameters = lambda self, given: self.stack_parameters == raw_parameters(self.template_dict, given)
    # what the engine did not create (false conditions, ignored types) must not be created by being looked at
    parsing.parse_and_create_resource = lambda *_, **__: None
    parsing.clean_json = with_intrinsics(parsing.clean_json)
    parsing.get_model_map()
