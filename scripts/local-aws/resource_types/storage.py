"""Buckets, keys, secrets, parameters."""

import json
import re
import secrets

from api_types import ApiType, Step


def lifecycle_rules(configuration):
    """S3 API form of CloudFormation's lifecycle rules."""

    def period(item, days="TransitionInDays", date="TransitionDate"):
        return {**({"Days": item[days]} if days in item else {}), **({"Date": item[date]} if date in item else {})}

    def one(rule):
        tags = rule.get("TagFilters", [])
        limits = {name: rule[name] for name in ("ObjectSizeGreaterThan", "ObjectSizeLessThan") if name in rule}
        prefix = {"Prefix": rule["Prefix"]} if "Prefix" in rule else {}
        if len(tags) + len(limits) + len(prefix) > 1:
            chosen = {"And": {**prefix, **limits, **({"Tags": tags} if tags else {})}}
        else:
            chosen = {**prefix, **limits, **({"Tag": tags[0]} if tags else {})} or {"Prefix": ""}
        expiration = period(rule, "ExpirationInDays", "ExpirationDate")
        if "ExpiredObjectDeleteMarker" in rule:
            expiration["ExpiredObjectDeleteMarker"] = rule["ExpiredObjectDeleteMarker"]
        old = rule.get("NoncurrentVersionTransitions", [])
        converted = {
            "ID": rule.get("Id"),
            "Status": rule["Status"],
            "Filter": chosen,
            "Expiration": expiration,
            "Transitions": [{**period(t), "StorageClass": t["StorageClass"]} for t in rule.get("Transitions", [])],
            "NoncurrentVersionExpiration": rule.get("NoncurrentVersionExpiration")
            or (
                {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
                if "NoncurrentVersionExpirationInDays" in rule
                else None
            ),
            "NoncurrentVersionTransitions": [
                {"NoncurrentDays": t["TransitionInDays"], "StorageClass": t["StorageClass"]} for t in old
            ],
            "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
        }
        return {name: value for name, value in converted.items() if value}

    return {"Rules": [one(rule) for rule in configuration["Rules"]]}


def bucket_encryption(configuration):
    return {
        "Rules": [
            {
                "ApplyServerSideEncryptionByDefault" if name == "ServerSideEncryptionByDefault" else name: value
                for name, value in rule.items()
            }
            for rule in configuration["ServerSideEncryptionConfiguration"]
        ]
    }


def secret(properties):
    p = dict(properties)
    generate = p.pop("GenerateSecretString", None)
    if generate is not None:
        password = secrets.token_urlsafe(24)
        key = generate.get("GenerateStringKey")
        p["SecretString"] = (
            json.dumps({**json.loads(generate["SecretStringTemplate"]), key: password}) if key else password
        )
    return p


TYPES = {
    "AWS::S3::Bucket": ApiType(
        "s3",
        "create_bucket",
        ref="{BucketName}",
        key={"Bucket": "{ref}"},
        delete="delete_bucket",
        name="BucketName",
        lower_case=True,
        rename={"BucketName": "Bucket", "ObjectLockEnabled": "ObjectLockEnabledForBucket", "AccessControl": "ACL"},
        defaults={"CreateBucketConfiguration": {"LocationConstraint": "{location}"}},
        prepare=lambda p: {
            **p,
            **(
                {"AccessControl": re.sub(r"(?<!^)(?=[A-Z])", "-", p["AccessControl"]).lower()}
                if "AccessControl" in p
                else {}
            ),
        },
        attributes={
            "Arn": "arn:aws:s3:::{ref}",
            "DomainName": "{ref}.s3.amazonaws.com",
            "RegionalDomainName": "{ref}.s3.{region}.amazonaws.com",
            "DualStackDomainName": "{ref}.s3.dualstack.{region}.amazonaws.com",
        },
        unread=("ACL",),
        read=(
            "get_bucket_encryption",
            "get_public_access_block",
            "get_bucket_versioning",
            "get_bucket_lifecycle_configuration",
            "get_bucket_logging",
            "get_bucket_ownership_controls",
            "get_bucket_notification_configuration",
            "get_bucket_tagging",
        ),
        steps=(
            Step(
                ("BucketEncryption",),
                "put_bucket_encryption",
                lambda p: {"ServerSideEncryptionConfiguration": bucket_encryption(p["BucketEncryption"])},
                undo="delete_bucket_encryption",
            ),
            Step(
                ("PublicAccessBlockConfiguration",),
                "put_public_access_block",
                lambda p: {"PublicAccessBlockConfiguration": p["PublicAccessBlockConfiguration"]},
                undo="delete_public_access_block",
            ),
            Step(
                ("VersioningConfiguration",),
                "put_bucket_versioning",
                lambda p: {"VersioningConfiguration": p["VersioningConfiguration"]},
            ),
            Step(
                ("LifecycleConfiguration",),
                "put_bucket_lifecycle_configuration",
                lambda p: {"LifecycleConfiguration": lifecycle_rules(p["LifecycleConfiguration"])},
                undo="delete_bucket_lifecycle",
            ),
            Step(
                ("LoggingConfiguration",),
                "put_bucket_logging",
                lambda p: {
                    "BucketLoggingStatus": {
                        "LoggingEnabled": {
                            "TargetBucket": p["LoggingConfiguration"].get("DestinationBucketName", p["BucketName"]),
                            "TargetPrefix": p["LoggingConfiguration"].get("LogFilePrefix", ""),
                        }
                    }
                },
            ),
            Step(
                ("OwnershipControls",),
                "put_bucket_ownership_controls",
                lambda p: {"OwnershipControls": p["OwnershipControls"]},
                undo="delete_bucket_ownership_controls",
            ),
            Step(
                ("NotificationConfiguration",),
                "put_bucket_notification_configuration",
                lambda p: {
                    "NotificationConfiguration": {
                        **p["NotificationConfiguration"],
                        **(
                            {"EventBridgeConfiguration": {}}
                            if "EventBridgeConfiguration" in p["NotificationConfiguration"]
                            else {}
                        ),
                    }
                },
            ),
            Step(
                ("CorsConfiguration",),
                "put_bucket_cors",
                lambda p: {"CORSConfiguration": p["CorsConfiguration"]},
                undo="delete_bucket_cors",
            ),
            Step(
                ("Tags",),
                "put_bucket_tagging",
                lambda p: {"Tagging": {"TagSet": p["Tags"]}},
                undo="delete_bucket_tagging",
            ),
        ),
    ),
    "AWS::S3::BucketPolicy": ApiType(
        "s3",
        "put_bucket_policy",
        ref="{Bucket}",
        key={"Bucket": "{ref}"},
        update="put_bucket_policy",
        delete="delete_bucket_policy",
        rename={"PolicyDocument": "Policy"},
        read=("get_bucket_policy",),
    ),
    "AWS::KMS::Key": ApiType(
        "kms",
        "create_key",
        ref="{KeyId}",
        key={"KeyId": "{ref}", "PolicyName": "default"},
        delete="schedule_key_deletion",
        later=("PendingWindowInDays",),
        rename={"KeyPolicy": "Policy", "Key": "TagKey", "Value": "TagValue"},
        read=("describe_key", "get_key_policy", "get_key_rotation_status", "list_resource_tags"),
        steps=(
            Step(
                ("EnableKeyRotation", "RotationPeriodInDays"),
                "enable_key_rotation",
                lambda p: (
                    [{name: p[name] for name in ("RotationPeriodInDays",) if name in p}]
                    if str(p.get("EnableKeyRotation")).lower() == "true"
                    else []
                ),
                undo="disable_key_rotation",
            ),
            Step(
                ("Enabled",),
                "disable_key",
                lambda p: [] if str(p["Enabled"]).lower() == "true" else [{}],
                undo="enable_key",
            ),
            Step(("KeyPolicy",), "put_key_policy", lambda p: {"Policy": p["KeyPolicy"]}, when="update"),
            Step(
                ("Description",), "update_key_description", lambda p: {"Description": p["Description"]}, when="update"
            ),
        ),
    ),
    "AWS::SecretsManager::Secret": ApiType(
        "secretsmanager",
        "create_secret",
        ref="{ARN}",
        key={"SecretId": "{ref}"},
        update="update_secret",
        delete="delete_secret",
        name="Name",
        prepare=secret,
        attributes={"Id": "{ref}"},
        read=("describe_secret", "get_secret_value"),
    ),
    "AWS::SSM::Parameter": ApiType(
        "ssm",
        "put_parameter",
        ref="{Name}",
        key={"Name": "{ref}", "Names": ["{ref}"], "Overwrite": "true"},
        update="put_parameter",
        delete="delete_parameter",
        name="Name",
        read=("get_parameter",),
    ),
}
