"""State machines, logs, AWS Batch."""

import json

from api_types import ApiType, Step


def state_machine(properties):
    p = dict(properties)
    definition = p.pop("DefinitionString", None) or json.dumps(p.pop("Definition", {}))
    for name, value in p.pop("DefinitionSubstitutions", {}).items():
        definition = definition.replace(f"${{{name}}}", str(value))
    return {**p, "DefinitionString": definition}


TYPES = {
    "AWS::StepFunctions::StateMachine": ApiType(
        "stepfunctions",
        "create_state_machine",
        ref="{stateMachineArn}",
        key={"stateMachineArn": "{ref}"},
        update="update_state_machine",
        delete="delete_state_machine",
        name="StateMachineName",
        prepare=state_machine,
        rename={"StateMachineName": "name", "DefinitionString": "definition", "StateMachineType": "type"},
        attributes={"Arn": "{ref}", "Name": "{StateMachineName}"},
        read=("describe_state_machine",),
    ),
    "AWS::Logs::LogGroup": ApiType(
        "logs",
        "create_log_group",
        ref="{LogGroupName}",
        key={"logGroupName": "{ref}", "logGroupNamePrefix": "{ref}"},
        delete="delete_log_group",
        name="LogGroupName",
        attributes={"Arn": "arn:aws:logs:{region}:{account}:log-group:{ref}:*"},
        read=("describe_log_groups", "list_tags_log_group"),
        steps=(
            Step(
                ("RetentionInDays",),
                "put_retention_policy",
                lambda p: {"retentionInDays": p["RetentionInDays"]},
                undo="delete_retention_policy",
            ),
        ),
    ),
    "AWS::Batch::ComputeEnvironment": ApiType(
        "batch",
        "create_compute_environment",
        ref="{computeEnvironmentArn}",
        key={"computeEnvironment": "{ref}", "computeEnvironments": ["{ref}"]},
        update="update_compute_environment",
        delete="delete_compute_environment",
        name="ComputeEnvironmentName",
        later=("ReplaceComputeEnvironment", "UpdatePolicy"),
        unread=("updatePolicy",),
        read=("describe_compute_environments",),
    ),
    "AWS::Batch::JobQueue": ApiType(
        "batch",
        "create_job_queue",
        ref="{jobQueueArn}",
        key={"jobQueue": "{ref}", "jobQueues": ["{ref}"]},
        update="update_job_queue",
        delete="delete_job_queue",
        name="JobQueueName",
        defaults={"state": "ENABLED"},
        read=("describe_job_queues",),
        stub_if=lambda p: "ServiceEnvironmentOrder" in p,
    ),
    "AWS::Batch::JobDefinition": ApiType(
        "batch",
        "register_job_definition",
        ref="{jobDefinitionArn}",
        key={"jobDefinition": "{ref}", "jobDefinitions": ["{ref}"]},
        update="register_job_definition",
        delete="deregister_job_definition",
        name="JobDefinitionName",
        read=("describe_job_definitions",),
    ),
}
