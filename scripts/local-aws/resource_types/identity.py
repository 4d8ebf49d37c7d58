"""Roles and policies."""

from api_types import ApiType, Step


def inline_policy(member, kind):
    """AWS::IAM::Policy for one kind of principal."""
    return Step(
        (f"{member}s", "PolicyName", "PolicyDocument"),
        f"put_{kind}_policy",
        lambda p: [
            {f"{member}Name": who, "PolicyName": p["PolicyName"], "PolicyDocument": p["PolicyDocument"]}
            for who in p.get(f"{member}s", [])
        ],
        undo=f"delete_{kind}_policy",
        on_delete=True,
    )


def attached_policy(member, kind):
    """AWS::IAM::ManagedPolicy for one kind of principal."""
    return Step(
        (f"{member}s",),
        f"attach_{kind}_policy",
        lambda p: [{f"{member}Name": who} for who in p[f"{member}s"]],
        undo=f"detach_{kind}_policy",
        on_delete=True,
    )


TYPES = {
    "AWS::IAM::Role": ApiType(
        "iam",
        "create_role",
        ref="{RoleName}",
        key={"RoleName": "{ref}"},
        update="update_role",
        delete="delete_role",
        name="RoleName",
        read=(
            "get_role",
            "list_attached_role_policies",
            ("get_role_policy", lambda p: [{"PolicyName": policy["PolicyName"]} for policy in p.get("Policies", [])]),
        ),
        steps=(
            Step(
                ("ManagedPolicyArns",),
                "attach_role_policy",
                lambda p: [{"PolicyArn": arn} for arn in p["ManagedPolicyArns"]],
                undo="detach_role_policy",
                on_delete=True,
            ),
            Step(("Policies",), "put_role_policy", lambda p: p["Policies"], undo="delete_role_policy", on_delete=True),
            Step(
                ("AssumeRolePolicyDocument",),
                "update_assume_role_policy",
                lambda p: {"PolicyDocument": p["AssumeRolePolicyDocument"]},
                when="update",
            ),
        ),
    ),
    "AWS::IAM::Policy": ApiType(
        "iam",
        None,
        ref="{PolicyName}",
        key={"PolicyName": "{PolicyName}"},
        read=(("get_role_policy", lambda p: [{"RoleName": role} for role in p.get("Roles", [])]),),
        steps=(inline_policy("Role", "role"), inline_policy("User", "user"), inline_policy("Group", "group")),
    ),
    "AWS::IAM::ManagedPolicy": ApiType(
        "iam",
        "create_policy",
        ref="{Arn}",
        key={"PolicyArn": "{ref}"},
        delete="delete_policy",
        name="ManagedPolicyName",
        rename={"ManagedPolicyName": "PolicyName"},
        attributes={"PolicyArn": "{ref}"},
        unread=("SetAsDefault",),
        read=(
            "get_policy",
            "list_entities_for_policy",
            ("get_policy_version", lambda p: [{"VersionId": "{DefaultVersionId}"}]),
        ),
        steps=(
            attached_policy("Role", "role"),
            attached_policy("User", "user"),
            attached_policy("Group", "group"),
            Step(
                ("PolicyDocument",),
                "create_policy_version",
                lambda p: {"PolicyDocument": p["PolicyDocument"], "SetAsDefault": "true"},
                when="update",
            ),
        ),
    ),
    "AWS::IAM::InstanceProfile": ApiType(
        "iam",
        "create_instance_profile",
        ref="{InstanceProfileName}",
        key={"InstanceProfileName": "{ref}"},
        delete="delete_instance_profile",
        name="InstanceProfileName",
        read=("get_instance_profile",),
        steps=(
            Step(
                ("Roles",),
                "add_role_to_instance_profile",
                lambda p: [{"RoleName": role} for role in p["Roles"]],
                undo="remove_role_from_instance_profile",
                on_delete=True,
            ),
        ),
    ),
}
