"""Networks, security groups, launch templates."""

from api_types import ApiType, Step


def permissions(rules):
    """EC2 API form of security group rules as CloudFormation writes them."""

    def one(rule):
        described = {"Description": rule["Description"]} if "Description" in rule else {}
        group = rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId")
        prefix_list = rule.get("SourcePrefixListId") or rule.get("DestinationPrefixListId")
        return {
            **{name: rule[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in rule},
            **({"IpRanges": [{"CidrIp": rule["CidrIp"], **described}]} if "CidrIp" in rule else {}),
            **({"Ipv6Ranges": [{"CidrIpv6": rule["CidrIpv6"], **described}]} if "CidrIpv6" in rule else {}),
            **({"UserIdGroupPairs": [{"GroupId": group, **described}]} if group else {}),
            **({"PrefixListIds": [{"PrefixListId": prefix_list, **described}]} if prefix_list else {}),
        }

    return [one(rule) for rule in rules]


def security_group_rule(direction):
    return ApiType(
        "ec2",
        f"authorize_security_group_{direction}",
        ref="{SecurityGroupRuleId}",
        prepare=lambda p: {"GroupId": p["GroupId"], "IpPermissions": permissions([p])},
        delete=f"revoke_security_group_{direction}",
    )


EVERYWHERE = {"IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}


TYPES = {
    "AWS::EC2::VPC": ApiType(
        "ec2",
        "create_vpc",
        ref="{VpcId}",
        key={"VpcId": "{ref}", "VpcIds": ["{ref}"]},
        delete="delete_vpc",
        tag_type="vpc",
        read=(
            "describe_vpcs",
            (
                "describe_vpc_attribute",
                lambda p: [{"Attribute": "enableDnsSupport"}, {"Attribute": "enableDnsHostnames"}],
            ),
        ),
        steps=tuple(
            Step((name,), "modify_vpc_attribute", lambda p, name=name: {name: {"Value": p[name]}})
            for name in ("EnableDnsSupport", "EnableDnsHostnames")
        ),
    ),
    "AWS::EC2::Subnet": ApiType(
        "ec2",
        "create_subnet",
        ref="{SubnetId}",
        key={"SubnetId": "{ref}", "SubnetIds": ["{ref}"]},
        delete="delete_subnet",
        tag_type="subnet",
        read=("describe_subnets",),
        steps=(
            Step(
                ("MapPublicIpOnLaunch",),
                "modify_subnet_attribute",
                lambda p: {"MapPublicIpOnLaunch": {"Value": p["MapPublicIpOnLaunch"]}},
            ),
        ),
    ),
    "AWS::EC2::RouteTable": ApiType(
        "ec2",
        "create_route_table",
        ref="{RouteTableId}",
        key={"RouteTableId": "{ref}", "RouteTableIds": ["{ref}"]},
        delete="delete_route_table",
        tag_type="route-table",
        read=("describe_route_tables",),
    ),
    "AWS::EC2::SubnetRouteTableAssociation": ApiType(
        "ec2",
        "associate_route_table",
        ref="{AssociationId}",
        key={"AssociationId": "{ref}"},
        delete="disassociate_route_table",
    ),
    "AWS::EC2::VPCEndpoint": ApiType(
        "ec2",
        "create_vpc_endpoint",
        ref="{VpcEndpointId}",
        key={"VpcEndpointIds": ["{ref}"]},
        delete="delete_vpc_endpoints",
        tag_type="vpc-endpoint",
        attributes={"Id": "{ref}"},
        read=("describe_vpc_endpoints",),
    ),
    "AWS::EC2::SecurityGroup": ApiType(
        "ec2",
        "create_security_group",
        ref="{GroupId}",
        key={"GroupId": "{ref}", "GroupIds": ["{ref}"]},
        delete="delete_security_group",
        name="GroupName",
        rename={"GroupDescription": "Description"},
        tag_type="security-group",
        attributes={"Id": "{ref}"},
        read=("describe_security_groups",),
        steps=(
            Step(("SecurityGroupEgress",), "revoke_security_group_egress", lambda p: EVERYWHERE),  # the default rule
            Step(
                ("SecurityGroupEgress",),
                "authorize_security_group_egress",
                lambda p: {"IpPermissions": permissions(p["SecurityGroupEgress"])},
                undo="revoke_security_group_egress",
            ),
            Step(
                ("SecurityGroupIngress",),
                "authorize_security_group_ingress",
                lambda p: {"IpPermissions": permissions(p["SecurityGroupIngress"])},
                undo="revoke_security_group_ingress",
            ),
        ),
    ),
    "AWS::EC2::SecurityGroupIngress": security_group_rule("ingress"),
    "AWS::EC2::SecurityGroupEgress": security_group_rule("egress"),
    "AWS::EC2::FlowLog": ApiType(
        "ec2",
        "create_flow_logs",
        ref="{FlowLogIds}",
        key={"FlowLogIds": ["{ref}"]},
        delete="delete_flow_logs",
        tag_type="vpc-flow-log",
        rename={"ResourceId": "ResourceIds"},
        unread=("ResourceType",),
        read=("describe_flow_logs",),
    ),
    "AWS::EC2::LaunchTemplate": ApiType(
        "ec2",
        "create_launch_template",
        ref="{LaunchTemplateId}",
        key={"LaunchTemplateId": "{ref}", "LaunchTemplateIds": ["{ref}"]},
        update="create_launch_template_version",
        delete="delete_launch_template",
        name="LaunchTemplateName",
        read=("describe_launch_templates", "describe_launch_template_versions"),
    ),
}
