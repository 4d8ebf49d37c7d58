"""Registry, models, endpoints, their scaling."""

from api_types import ApiType, Step

TYPES = {
    "AWS::SageMaker::ModelPackageGroup": ApiType(
        "sagemaker",
        "create_model_package_group",
        ref="{ModelPackageGroupArn}",
        key={"ModelPackageGroupName": "{ModelPackageGroupName}"},
        delete="delete_model_package_group",
        read=("describe_model_package_group",),
    ),
    "AWS::SageMaker::Model": ApiType(
        "sagemaker",
        "create_model",
        ref="{ModelArn}",
        key={"ModelName": "{ModelName}"},
        delete="delete_model",
        name="ModelName",
        read=("describe_model",),
    ),
    "AWS::SageMaker::EndpointConfig": ApiType(
        "sagemaker",
        "create_endpoint_config",
        ref="{EndpointConfigArn}",
        key={"EndpointConfigName": "{EndpointConfigName}"},
        delete="delete_endpoint_config",
        name="EndpointConfigName",
        read=("describe_endpoint_config",),
    ),
    "AWS::SageMaker::Endpoint": ApiType(
        "sagemaker",
        "create_endpoint",
        ref="{EndpointArn}",
        key={"EndpointName": "{EndpointName}"},
        update="update_endpoint",
        delete="delete_endpoint",
        name="EndpointName",
        read=("describe_endpoint",),
        later=("RetainAllVariantProperties", "ExcludeRetainedVariantProperties", "RetainDeploymentConfig"),
        unread=("RetainAllVariantProperties", "ExcludeRetainedVariantProperties", "RetainDeploymentConfig"),
    ),
    "AWS::ECR::Repository": ApiType(
        "ecr",
        "create_repository",
        ref="{RepositoryName}",
        key={"repositoryName": "{ref}", "repositoryNames": ["{ref}"]},
        delete="delete_repository",
        name="RepositoryName",
        lower_case=True,
        later=("EmptyOnDelete",),
        attributes={"Arn": "{repositoryArn}"},
        rename={
            "EmptyOnDelete": "force",
            "ImageTagMutabilityExclusionFilterType": "filterType",
            "ImageTagMutabilityExclusionFilterValue": "filter",
        },
        read=("describe_repositories", "get_lifecycle_policy", "get_repository_policy"),
        steps=(
            Step(
                ("LifecyclePolicy",),
                "put_lifecycle_policy",
                lambda p: {"lifecyclePolicyText": p["LifecyclePolicy"]["LifecyclePolicyText"]},
                undo="delete_lifecycle_policy",
            ),
            Step(
                ("RepositoryPolicyText",),
                "set_repository_policy",
                lambda p: {"policyText": p["RepositoryPolicyText"]},
                undo="delete_repository_policy",
            ),
            Step(
                ("ImageTagMutability", "ImageTagMutabilityExclusionFilters"),
                "put_image_tag_mutability",
                lambda p: {
                    name: p[name] for name in ("ImageTagMutability", "ImageTagMutabilityExclusionFilters") if name in p
                },
                when="update",
            ),
            Step(
                ("ImageScanningConfiguration",),
                "put_image_scanning_configuration",
                lambda p: {"imageScanningConfiguration": p["ImageScanningConfiguration"]},
                when="update",
            ),
        ),
    ),
    "AWS::ApplicationAutoScaling::ScalableTarget": ApiType(
        "application-autoscaling",
        "register_scalable_target",
        ref="{ResourceId}|{ScalableDimension}|{ServiceNamespace}",
        key={
            "ServiceNamespace": "{ServiceNamespace}",
            "ScalableDimension": "{ScalableDimension}",
            "ResourceIds": ["{ResourceId}"],
        },
        update="register_scalable_target",
        delete="deregister_scalable_target",
        read=("describe_scalable_targets",),
    ),
    "AWS::ApplicationAutoScaling::ScalingPolicy": ApiType(
        "application-autoscaling",
        "put_scaling_policy",
        ref="{PolicyARN}",
        key={
            "ServiceNamespace": "{ServiceNamespace}",
            "ScalableDimension": "{ScalableDimension}",
            "ResourceId": "{ResourceId}",
        },
        update="put_scaling_policy",
        delete="delete_scaling_policy",
        attributes={"Arn": "{ref}"},
        read=("describe_scaling_policies",),
        prepare=lambda p: {
            **{name: value for name, value in p.items() if name != "ScalingTargetId"},
            **dict(
                zip(("ResourceId", "ScalableDimension", "ServiceNamespace"), p.get("ScalingTargetId", "").split("|"))
                if "ScalingTargetId" in p
                else ()
            ),
        },
    ),
}
