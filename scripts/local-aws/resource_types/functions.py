"""Lambda functions."""

from api_types import ApiType, Step

TYPES = {
    "AWS::Lambda::Function": ApiType(
        "lambda",
        "create_function",
        ref="{FunctionName}",
        key={"FunctionName": "{ref}"},
        update="update_function_configuration",
        delete="delete_function",
        name="FunctionName",
        attributes={"Arn": "arn:aws:lambda:{region}:{account}:function:{ref}"},
        read=("get_function", "get_function_concurrency"),
        steps=(
            Step(
                ("ReservedConcurrentExecutions",),
                "put_function_concurrency",
                lambda p: {"ReservedConcurrentExecutions": p["ReservedConcurrentExecutions"]},
                undo="delete_function_concurrency",
            ),
            Step(("Code",), "update_function_code", lambda p: p["Code"], when="update"),
        ),
    ),
    "AWS::Lambda::Version": ApiType(
        "lambda",
        "publish_version",
        ref="{FunctionArn}",
        key={"FunctionName": "{FunctionName}", "Qualifier": "{Version}"},
        delete="delete_function",
        read=("get_function",),
    ),
    "AWS::Lambda::Alias": ApiType(
        "lambda",
        "create_alias",
        ref="{AliasArn}",
        key={"FunctionName": "{FunctionName}", "Name": "{Name}"},
        update="update_alias",
        delete="delete_alias",
        read=("get_alias",),
    ),
    "AWS::Lambda::Url": ApiType(
        "lambda",
        "create_function_url_config",
        ref="{FunctionArn}",
        key={"FunctionName": "{TargetFunctionArn}", "Qualifier": "{Qualifier?}"},
        update="update_function_url_config",
        delete="delete_function_url_config",
        rename={"TargetFunctionArn": "FunctionName"},
        read=("get_function_url_config",),
    ),
    "AWS::Lambda::Permission": ApiType(
        "lambda",
        "add_permission",
        ref="{name}",
        key={"StatementId": "{ref}"},
        delete="remove_permission",
        defaults={"StatementId": "{name}"},
        read=("get_policy",),
    ),
    "AWS::Lambda::EventInvokeConfig": ApiType(
        "lambda",
        "put_function_event_invoke_config",
        ref="{FunctionName}|{Qualifier}",
        key={"FunctionName": "{FunctionName}", "Qualifier": "{Qualifier?}"},
        delete="delete_function_event_invoke_config",  # a second put would go unseen
        read=("get_function_event_invoke_config",),
    ),
}
