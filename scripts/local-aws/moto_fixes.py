"""Small corrections of moto where it refuses, or cannot do, what the stacks need. None of them adds a check."""

import moto.batch.models as batch
import moto.sagemaker.models as sagemaker
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models import EC2Backend
from moto.iam.access_control import PermissionResult
from moto.lakeformation.models import Permission
from moto.s3.models import FakeBucket, S3Backend
from moto.sagemaker.responses import SageMakerResponse


def update_endpoint(self):
    """SageMaker's UpdateEndpoint, which moto lacks: the endpoint takes over the variants of another configuration."""
    name, config_name = self._get_param("EndpointName"), self._get_param("EndpointConfigName")
    old = self.sagemaker_backend.endpoints.get(name)
    if old is None:
        raise sagemaker.ValidationError(message=f"Could not find endpoint '{name}'.")
    endpoint = self.sagemaker_backend.create_endpoint(name, config_name, old.tags)
    endpoint.creation_time = old.creation_time
    return ActionResult({"EndpointArn": endpoint.arn})


def delete_model_package(self):
    """SageMaker's DeleteModelPackage, which moto lacks."""
    packages, name = self.sagemaker_backend.model_packages, self._get_param("ModelPackageName")
    found = [key for key, package in packages.items() if name in (package.arn, package.model_package_name)]
    if not found:
        raise sagemaker.ValidationError(message=f"ModelPackage {name} does not exist.")
    for key in found:
        del packages[key]
    return EmptyResult()


def create_model_package_group(create):
    """Names are taken once; moto forgets the group that had one."""

    def create_once(self, model_package_group_name, *others, **more):
        if model_package_group_name in self.model_package_groups:
            raise sagemaker.ValidationError(message=f"Model Package Group already exists: {model_package_group_name}")
        return create(self, model_package_group_name, *others, **more)

    return create_once


def delete_model_package_group(self):
    """SageMaker's DeleteModelPackageGroup, which moto lacks: of empty groups only."""
    backend, name = self.sagemaker_backend, self._get_param("ModelPackageGroupName")
    if any(package.model_package_group_name == name for package in backend.model_packages.values()):
        raise sagemaker.ValidationError(message=f"Model Package Group {name} still contains Model Packages")
    backend.model_package_groups.pop(name, None)
    return EmptyResult()


def lookup_events(self):
    """CloudTrail's LookupEvents, which moto lacks: the CLI looks there for more about a failure."""
    return ActionResult({"Events": []})


def with_service_role(create):
    """AWS Batch falls back to its service-linked role; moto demands one."""

    def create_compute_environment(
        self, compute_environment_name, _type, state, compute_resources, service_role, tags=None
    ):
        if not service_role:
            name = "awsserviceroleforbatch"
            known = [role.arn for role in self.iam_backend.roles.values() if role.name.lower() == name]
            service_role = (
                known[0] if known else self.iam_backend.create_service_linked_role("batch.amazonaws.com", "", "").arn
            )
        return create(self, compute_environment_name, _type, state, compute_resources, service_role, tags)

    return create_compute_environment


def with_folder(create):
    """Flow logs may go to a folder of a bucket; moto takes the folder for a part of the bucket's name."""

    def create_flow_logs(self, log_destination, **others):
        bucket = log_destination.split("/")[0] if others["log_destination_type"] == "s3" else log_destination
        flow_logs, unsuccessful = create(self, log_destination=bucket, **others)
        for flow_log in flow_logs:
            flow_log.log_destination = log_destination
        return flow_logs, unsuccessful

    return create_flow_logs


def install():
    # The TLS-only bucket policy would refuse everything, since the emulator speaks plain http: readable, not in force.
    FakeBucket.get_permission = lambda self, action, resource: PermissionResult.NEUTRAL
    # A log bucket may get its bucket policy after the bucket that logs to it.
    FakeBucket._log_permissions_enabled_policy = staticmethod(lambda target_bucket, target_prefix: True)
    # moto delivers access logs at once, also of our own read-back; a log bucket could then never be deleted.
    S3Backend.log_incoming_request = lambda self, request, bucket_name: None
    # moto's list of hosting instance types ends around 2020; cfn-lint knows the present ones.
    sagemaker.FakeEndpointConfig.validate_instance_type = lambda self, instance_type: None
    # Granting twice changes the hash of a permission that lies in a set, which then cannot be revoked.
    Permission.__hash__ = lambda self: 0
    EC2Backend.create_flow_logs = with_folder(EC2Backend.create_flow_logs)
    CloudTrailResponse.lookup_events = lookup_events
    SageMakerResponse.update_endpoint = update_endpoint
    SageMakerResponse.delete_model_package = delete_model_package
    SageMakerResponse.delete_model_package_group = delete_model_package_group
    sagemaker.SageMakerModelBackend.create_model_package_group = create_model_package_group(
        sagemaker.SageMakerModelBackend.create_model_package_group
    )
    batch.BatchBackend.create_compute_environment = with_service_role(batch.BatchBackend.create_compute_environment)
