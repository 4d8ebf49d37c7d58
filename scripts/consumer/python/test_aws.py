"""AWS from Python: grants, what exists already, native resources, parameters, secrets, networks."""

from aws_cdk import Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_secretsmanager as secretsmanager
from cloud_ml_constructs import aws as ml
from cloud_ml_constructs import core
from conftest import resources


def endpoint(scope, registry, **props):
    return ml.AutoScalingEndpoint(
        scope,
        "Fraud",
        machine_type="ml.g6.xlarge",
        variants=[
            core.EndpointVariant(
                name="main",
                container=core.ServingContainer(image=registry.image("serve", "1")),
                model=registry.model("fraud-detector").version(core.DeployParameter.of("Version", "3")),
            )
        ],
        **props,
    )


def registry_of(scope):
    return ml.ModelRegistry(
        scope,
        "Registry",
        models=[core.RegisteredModelProps(name="fraud-detector")],
        images=["train", "serve"],
    )


def actions(template):
    """What the managed policies allow, into which grants go."""
    policies = resources(template, "AWS::IAM::ManagedPolicy").values()
    return {
        action
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


def test_grants_go_between_constructs_and_to_native_principals(aws_app):
    app, synthesize = aws_app
    stack = ml.PlatformStack(app, "platform")
    lake = ml.DataLake(stack, "Lake", zones=[core.DataZoneProps(name="raw"), core.DataZoneProps(name="curated")])
    registry = registry_of(stack)
    served = endpoint(stack, registry)
    role = iam.Role(stack, "Analyst", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    thumbnails = ml.ServerlessInference(
        stack,
        "Thumbnails",
        container=core.ServingContainer(image=registry.image("serve", "1")),
        memory_mib=2048,
        max_instances=2,
    )
    lake.zone("raw").grant_read(thumbnails)
    served.grant_invoke(thumbnails)
    # What a native grant gives back is native.
    assert isinstance(lake.grants.read(role), iam.Grant)
    assert {"s3:GetObject", "sagemaker:InvokeEndpoint"} <= actions(synthesize("platform"))


def test_what_exists_already_is_taken(aws_app):
    app, synthesize = aws_app
    stack = Stack(app, "existing")
    key = kms.Key(stack, "TeamKey")
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0)
    past = ml.DataLake.from_buckets(
        stack,
        "Past",
        buckets={"history": s3.Bucket.from_bucket_attributes(stack, "History", bucket_name="history", encryption_key=key)},
    )
    secret = ml.Secret.from_secret(stack, "Token", secretsmanager.Secret(stack, "HubToken"))
    training = ml.GpuTrainingCluster(
        stack,
        "Training",
        image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/train:1",
        datasets=[past.zone("history")],
        encryption_key=ml.EncryptionKey.from_key(stack, "Key", key),
        network=ml.PrivateNetwork.from_vpc(stack, "Network", vpc=vpc),
        secrets={"HF_TOKEN": secret},
        accelerators=["A10G:1"],
        capacity=core.Capacity.spot(fallback=True),
    )
    workload = ml.Workload.from_role(
        stack, "Someone", iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    )
    past.grant_read(workload)
    template = synthesize("existing")
    assert "history" in past.zone_names and past.uris == {"history": "s3://history/"}
    assert training.machine_type == "ml.g5.xlarge"
    definition = str(resources(template, "AWS::StepFunctions::StateMachine"))
    assert "HF_TOKEN_SECRET_ID" in definition and "DATASET_HISTORY_URI" in definition


def test_native_resources_are_one_step_away(aws_app):
    app, synthesize = aws_app
    stack = ml.PlatformStack(app, "platform")
    lake = ml.DataLake(stack, "Lake", zones=[core.DataZoneProps(name="raw")])
    served = endpoint(stack, registry_of(stack))
    # 1. A member with a native name. 2. The default child. 3. An override of what it renders.
    assert isinstance(served.node.default_child, sagemaker.CfnEndpoint)
    served.node.default_child.add_property_override("Tags", [{"Key": "owner", "Value": "fraud"}])
    bucket = lake.bucket("raw").node.default_child
    assert isinstance(bucket, s3.CfnBucket)
    bucket.add_override("Properties.AccelerateConfiguration.AccelerationStatus", "Enabled")
    Tags.of(lake).add("team", "fraud")
    template = synthesize("platform")
    (made,) = resources(template, "AWS::SageMaker::Endpoint").values()
    assert made["Tags"] == [{"Key": "owner", "Value": "fraud"}]
    accelerated = [
        one
        for one in resources(template, "AWS::S3::Bucket").values()
        if one.get("AccelerateConfiguration") == {"AccelerationStatus": "Enabled"}
    ]
    assert len(accelerated) == 1 and {"Key": "team", "Value": "fraud"} in accelerated[0]["Tags"]


def test_stacks_take_their_own_props_and_parameters_become_theirs(aws_app):
    app, synthesize = aws_app
    stack = ml.PlatformStack(
        app,
        "platform",
        name_prefix="acme",
        security_profile=core.SecurityProfile.REGULATED,
        allowed_regions=["eu-west-1"],
        env={"region": "eu-west-1", "account": "111122223333"},
        description="fraud",
    )
    network = ml.PrivateNetwork(stack, "Network", zones=2, log_retention_days=365)
    registry = registry_of(stack)
    endpoint(stack, registry, network=network)
    assert stack.stack_name.startswith("acme")
    app.synth()
    (template,) = [
        artifact.template for artifact in app.synth().stacks if artifact.stack_name == stack.stack_name
    ]
    assert template["Description"] == "fraud"
    assert template["Parameters"]["Version"]["Default"] == "3"
    assert resources(template, "AWS::EC2::VPC")
