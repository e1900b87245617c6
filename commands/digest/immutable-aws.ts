/**
 * Fields that AWS never changes: another value replaces the resource. The typed SDK does not say which they are; this
 * is the list of its documentation ("Forces new resource") and of the provider's schema (`ForceNew`).
 *
 * `a.b` stands for the field `b` of the object `a`.
 */
const bucketSetting = ["bucket", "expectedBucketOwner"];

export const immutable: Readonly<Record<string, readonly string[]>> = {
  "aws:autoscaling/attachment:Attachment": ["autoscalingGroupName", "elb", "lbTargetGroupArn"],
  "aws:cloudwatch/logGroup:LogGroup": ["name", "namePrefix", "logGroupClass"],
  "aws:ec2/eip:Eip": ["domain", "publicIpv4Pool", "networkBorderGroup", "customerOwnedIpv4Pool"],
  "aws:ec2/flowLog:FlowLog": [
    ...["deliverCrossAccountRole", "destinationOptions", "eniId", "iamRoleArn", "logDestination", "logDestinationType"],
    ...["logFormat", "maxAggregationInterval", "subnetId", "trafficType", "transitGatewayId", "vpcId"],
  ],
  "aws:ec2/launchTemplate:LaunchTemplate": ["name", "namePrefix"],
  "aws:ec2/natGateway:NatGateway": ["allocationId", "connectivityType", "privateIp", "subnetId", "vpcId"],
  "aws:ec2/route:Route": [
    "routeTableId",
    "destinationCidrBlock",
    "destinationIpv6CidrBlock",
    "destinationPrefixListId",
  ],
  "aws:ec2/routeTable:RouteTable": ["vpcId"],
  "aws:ec2/routeTableAssociation:RouteTableAssociation": ["subnetId", "gatewayId"],
  "aws:ec2/securityGroup:SecurityGroup": ["description", "name", "namePrefix", "vpcId"],
  "aws:ec2/securityGroupRule:SecurityGroupRule": [
    ...["cidrBlocks", "fromPort", "ipv6CidrBlocks", "prefixListIds", "protocol", "securityGroupId", "self"],
    ...["sourceSecurityGroupId", "toPort", "type"],
  ],
  "aws:ec2/subnet:Subnet": [
    ...["availabilityZone", "availabilityZoneId", "cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength", "ipv6Native"],
    ...["outpostArn", "vpcId"],
  ],
  "aws:ec2/vpc:Vpc": ["cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"],
  "aws:ec2/vpcEndpoint:VpcEndpoint": ["serviceName", "vpcEndpointType", "vpcId", "serviceRegion"],
  "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation": ["routeTableId", "vpcEndpointId"],
  "aws:efs/fileSystem:FileSystem": [
    ...["availabilityZoneName", "creationToken", "encrypted", "kmsKeyId", "performanceMode"],
  ],
  "aws:efs/backupPolicy:BackupPolicy": ["fileSystemId"],
  "aws:efs/fileSystemPolicy:FileSystemPolicy": ["fileSystemId"],
  "aws:efs/mountTarget:MountTarget": ["fileSystemId", "ipAddress", "ipAddressType", "ipv6Address", "subnetId"],
  "aws:eks/accessEntry:AccessEntry": ["clusterName", "principalArn", "type"],
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": [
    ...["accessScope", "clusterName", "policyArn", "principalArn"],
  ],
  "aws:eks/addon:Addon": ["addonName", "clusterName"],
  "aws:eks/cluster:Cluster": [
    ...[
      "accessConfig.bootstrapClusterCreatorAdminPermissions",
      "bootstrapSelfManagedAddons",
      "kubernetesNetworkConfig.ipFamily",
      "kubernetesNetworkConfig.serviceIpv4Cidr",
    ],
    ...["name", "outpostConfig", "roleArn"],
  ],
  "aws:eks/nodeGroup:NodeGroup": [
    ...["amiType", "capacityType", "clusterName", "diskSize", "instanceTypes", "launchTemplate.id"],
    ...["launchTemplate.name", "nodeGroupName", "nodeGroupNamePrefix", "nodeRoleArn", "remoteAccess", "subnetIds"],
  ],
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": ["clusterName", "namespace", "serviceAccount"],
  "aws:iam/instanceProfile:InstanceProfile": ["name", "namePrefix", "path"],
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ["url"],
  "aws:iam/policy:Policy": ["description", "name", "namePrefix", "path"],
  "aws:iam/role:Role": ["name", "namePrefix", "path"],
  "aws:iam/rolePolicy:RolePolicy": ["name", "namePrefix", "role"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["policyArn", "role"],
  "aws:kms/alias:Alias": ["name", "namePrefix"],
  "aws:kms/key:Key": ["customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"],
  "aws:lb/loadBalancer:LoadBalancer": ["internal", "loadBalancerType", "name", "namePrefix", "customerOwnedIpv4Pool"],
  "aws:lb/listener:Listener": ["loadBalancerArn"],
  "aws:lb/targetGroup:TargetGroup": [
    ...["ipAddressType", "name", "namePrefix", "port", "protocol", "protocolVersion", "targetType", "vpcId"],
  ],
  "aws:route53/record:Record": ["name", "zoneId"],
  "aws:route53/zone:Zone": ["delegationSetId", "name"],
  "aws:s3/bucket:Bucket": ["bucket", "bucketPrefix", "bucketNamespace", "objectLockEnabled"],
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": bucketSetting,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucketSetting,
  "aws:s3/bucketLogging:BucketLogging": bucketSetting,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ["bucket"],
  "aws:s3/bucketPolicy:BucketPolicy": ["bucket"],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ["bucket"],
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": bucketSetting,
  "aws:s3/bucketVersioning:BucketVersioning": bucketSetting,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ["securityGroupId"],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ["securityGroupId"],
};

/** Every resource of the provider moves between regions by replacement. */
export function isImmutable(token: string, path: string): boolean {
  return ["region", ...(immutable[token] ?? [])].some(
    (field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`),
  );
}
