"""Rules, topics, queues, alarms."""

import json

from api_types import ApiType, Step


def moved(properties, container, *names):
    """Gathers properties that the API wants inside a map of attributes, as strings."""
    rest = {name: value for name, value in properties.items() if name not in names}
    texts = {n: v if isinstance(v, str) else json.dumps(v) for n, v in properties.items() if n in names}
    return {**rest, **({container: texts} if texts else {})}


def topic_attribute(name):
    return Step((name,), "set_topic_attributes", lambda p: {"AttributeName": name, "AttributeValue": p[name]})


TYPES = {
    "AWS::Events::Rule": ApiType(
        "events",
        "put_rule",
        ref="{Name}",
        key={"Name": "{Name}", "Rule": "{Name}"},
        update="put_rule",
        delete="delete_rule",
        name="Name",
        attributes={"Arn": "{RuleArn}"},
        read=("describe_rule", "list_targets_by_rule"),
        steps=(
            Step(
                ("Targets",),
                "put_targets",
                lambda p: {"Targets": p["Targets"]},
                undo="remove_targets",
                undo_requests=lambda p: {"Ids": [target["Id"] for target in p["Targets"]]},
                on_delete=True,
            ),
        ),
    ),
    "AWS::SNS::Topic": ApiType(
        "sns",
        "create_topic",
        ref="{TopicArn}",
        key={"TopicArn": "{ref}"},
        delete="delete_topic",
        name="TopicName",
        rename={"TopicName": "Name"},
        prepare=lambda p: moved(p, "Attributes", "FifoTopic", "ContentBasedDeduplication"),
        read=("get_topic_attributes",),
        unread=("Name", "AttributeName"),
        steps=(
            *(topic_attribute(name) for name in ("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")),
            Step(("Subscription",), "subscribe", lambda p: p["Subscription"]),
        ),
    ),
    "AWS::SNS::TopicPolicy": ApiType(
        "sns",
        None,
        ref="{name}",
        steps=(
            Step(
                ("Topics", "PolicyDocument"),
                "set_topic_attributes",
                lambda p: [
                    {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": json.dumps(p["PolicyDocument"])}
                    for topic in p["Topics"]
                ],
            ),
        ),
    ),
    "AWS::SNS::Subscription": ApiType(
        "sns",
        "subscribe",
        ref="{SubscriptionArn}",
        key={"SubscriptionArn": "{ref}"},
        delete="unsubscribe",
        defaults={"ReturnSubscriptionArn": "true"},
        attributes={"Arn": "{ref}"},
        read=("get_subscription_attributes",),
        prepare=lambda p: moved(
            p,
            "Attributes",
            "FilterPolicy",
            "FilterPolicyScope",
            "RawMessageDelivery",
            "RedrivePolicy",
            "DeliveryPolicy",
        ),
    ),
    "AWS::SQS::Queue": ApiType(
        "sqs",
        "create_queue",
        ref="{QueueUrl}",
        key={"QueueUrl": "{ref}"},
        update="set_queue_attributes",
        delete="delete_queue",
        name="QueueName",
        attributes={"Arn": "arn:aws:sqs:{region}:{account}:{QueueName}"},
        prepare=lambda p: moved(p, "Attributes", *(name for name in p if name not in ("QueueName", "Tags"))),
    ),
    "AWS::SQS::QueuePolicy": ApiType(
        "sqs",
        None,
        ref="{name}",
        steps=(
            Step(
                ("Queues", "PolicyDocument"),
                "set_queue_attributes",
                lambda p: [
                    {"QueueUrl": queue, "Attributes": {"Policy": json.dumps(p["PolicyDocument"])}}
                    for queue in p["Queues"]
                ],
            ),
        ),
    ),
    "AWS::CloudWatch::Alarm": ApiType(
        "cloudwatch",
        "put_metric_alarm",
        ref="{AlarmName}",
        key={"AlarmName": "{ref}", "AlarmNames": ["{ref}"]},
        update="put_metric_alarm",
        delete="delete_alarms",
        name="AlarmName",
        attributes={"Arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{ref}"},
        read=("describe_alarms",),
    ),
}
