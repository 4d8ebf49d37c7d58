"""Data catalog, queries, Lake Formation."""

from api_types import ApiType

TYPES = {
    "AWS::Glue::Database": ApiType(
        "glue",
        "create_database",
        ref="{DatabaseName}",
        key={"Name": "{ref}"},
        update="update_database",
        delete="delete_database",
        name="DatabaseName",
        lower_case=True,
        later=("DatabaseName",),
        read=("get_database",),
        prepare=lambda p: {
            **p,
            "DatabaseName": p["DatabaseInput"].get("Name", p["DatabaseName"]),
            "DatabaseInput": {"Name": p["DatabaseName"], **p["DatabaseInput"]},
        },
    ),
    "AWS::Glue::Crawler": ApiType(
        "glue",
        "create_crawler",
        ref="{Name}",
        key={"Name": "{ref}"},
        delete="delete_crawler",
        name="Name",
        read=("get_crawler",),
        prepare=lambda p: {**p, **({"Schedule": p["Schedule"]["ScheduleExpression"]} if "Schedule" in p else {})},
    ),
    "AWS::Glue::SecurityConfiguration": ApiType(
        "glue",
        "create_security_configuration",
        ref="{Name}",
        key={"Name": "{ref}"},
        delete="delete_security_configuration",
        rename={"S3Encryptions": "S3Encryption"},
        read=("get_security_configuration",),
    ),
    "AWS::Athena::WorkGroup": ApiType(
        "athena",
        "create_work_group",
        ref="{Name}",
        key={"WorkGroup": "{ref}"},
        delete="delete_work_group",
        rename={"WorkGroupConfiguration": "Configuration"},
        later=("RecursiveDeleteOption",),
        read=("get_work_group",),
    ),
    "AWS::LakeFormation::Resource": ApiType(
        "lakeformation",
        "register_resource",
        ref="{ResourceArn}",
        key={"ResourceArn": "{ref}"},
        delete="deregister_resource",
        read=("describe_resource",),
    ),
    "AWS::LakeFormation::PrincipalPermissions": ApiType(
        "lakeformation",
        "grant_permissions",
        ref="{DataLakePrincipalIdentifier}",
        delete="revoke_permissions",
        rename={"Catalog": "CatalogId"},
        read=("list_permissions",),
    ),
}
