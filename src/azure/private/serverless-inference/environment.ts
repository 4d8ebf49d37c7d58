import { ContainerAppEnvironment } from '@cdktf/provider-azurerm/lib/container-app-environment';
import { LogAnalyticsWorkspace } from '@cdktf/provider-azurerm/lib/log-analytics-workspace';
import { PrivateDnsARecord } from '@cdktf/provider-azurerm/lib/private-dns-a-record';
import { PrivateDnsZone } from '@cdktf/provider-azurerm/lib/private-dns-zone';
import { PrivateDnsZoneVirtualNetworkLink } from '@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link';
import { Construct, IConstruct } from 'constructs';
import { Faults } from '../../../core/private/faults';
import { report } from '../../../core/private/report';
import { exportAlways } from '../../../terraform/exports';
import type { INetwork } from '../../private-network';
import { logRetentionDays, logWorkspace, sendLogs } from '../logs';
import { nameOf } from '../names';
import { needEnvironment } from '../quotas';
import { homeOf } from '../resource-group';
import { CONSUMPTION } from './machine';

/** The id of a network's environment is part of the API: it decides the environment's address. */
const ENVIRONMENT = 'ContainerApps';

interface Sharing {
  readonly logRetentionDays?: number;
}

/** Where apps run: with a network the one environment that its subnet takes, else one of the inference's own. */
export class ContainerAppsEnvironment extends Construct {
  public static of(
    inference: Construct,
    network: INetwork | undefined,
    profile: string,
    props: Sharing,
  ): ContainerAppsEnvironment {
    const found = network && sharedIn(network);
    const environment =
      found ??
      (network
        ? new ContainerAppsEnvironment(
            network as unknown as Construct,
            ENVIRONMENT,
            props,
            inference,
            network,
          )
        : new ContainerAppsEnvironment(inference, 'Environment', props, inference));
    environment.need(profile);
    return environment;
  }

  public readonly environment: ContainerAppEnvironment;
  public readonly logs: LogAnalyticsWorkspace;
  public readonly logRetentionDays: number;
  private readonly profiles: string[] = [];

  private constructor(
    scope: Construct,
    id: string,
    props: Sharing,
    inference: IConstruct,
    network?: INetwork,
  ) {
    super(scope, id);
    this.logRetentionDays = logRetentionDays(inference, props.logRetentionDays);
    this.logs = logWorkspace(this, 'Logs', {
      logRetentionDays: this.logRetentionDays,
      tables: ['ContainerAppConsoleLogs', 'ContainerAppSystemLogs'],
    });
    this.environment = new ContainerAppEnvironment(this, 'Environment', {
      ...homeOf(this),
      // azurerm wants a letter last where it has 60.
      name: nameOf(this, { maxLength: 59 }),
      // By diagnostic settings: the other destination takes a shared key.
      logsDestination: 'azure-monitor',
      infrastructureSubnetId: network?.containerAppsSubnetId,
      internalLoadBalancerEnabled: network ? true : undefined,
      publicNetworkAccess: network ? 'Disabled' : undefined,
      lifecycle: { ignoreChanges: ['infrastructure_resource_group_name'] },
    });
    this.node.defaultChild = this.environment;
    needEnvironment(this);
    this.need(CONSUMPTION);
    sendLogs(this, 'SendLogs', {
      resourceId: this.environment.id,
      workspaceId: this.logs.id,
      logs: [{ categoryGroup: 'allLogs' }],
    });
    if (network) {
      if (network.privateDns.creates) {
        this.beFoundIn(network);
      } else {
        report(
          this,
          'note',
          'Private names of Container Apps',
          "Someone else must let all names below the environment's default domain lead to its static address in the network: both are known when it is made.",
        );
      }
      report(
        this,
        'note',
        'Container Apps',
        'All serverless inferences of the network share one environment.',
      );
    }
    exportAlways(this, this.environment.id, this.environment.defaultDomain);
  }

  private need(profile: string): void {
    if (!this.profiles.includes(profile)) {
      this.profiles.push(profile);
      this.environment.putWorkloadProfile(
        this.profiles.map((type) => ({ name: type, workloadProfileType: type })),
      );
    }
  }

  /** Names below the environment's domain lead to its address inside the network. */
  private beFoundIn(network: INetwork): void {
    const { resourceGroupName } = homeOf(this);
    const zone = new PrivateDnsZone(this, 'Zone', {
      resourceGroupName,
      name: this.environment.defaultDomain,
    });
    new PrivateDnsZoneVirtualNetworkLink(this, 'ZoneLink', {
      resourceGroupName,
      name: nameOf(this, { maxLength: 80 }),
      privateDnsZoneName: zone.name,
      virtualNetworkId: network.networkId,
    });
    new PrivateDnsARecord(this, 'ZoneRecord', {
      resourceGroupName,
      name: '*',
      zoneName: zone.name,
      ttl: 300,
      records: [this.environment.staticIpAddress],
    });
  }
}

const sharedIn = (network: INetwork) =>
  network.node.tryFindChild(ENVIRONMENT) as ContainerAppsEnvironment | undefined;

/** A network must have a subnet for Container Apps, and takes one environment, whose logs are kept equally long. */
export function judgeSharing(network: INetwork, inference: IConstruct, props: Sharing, faults: Faults): void {
  if (!network.containerAppsSubnetId) {
    faults.add(
      'CMC-009',
      'network',
      'has no subnet for Container Apps: give containerAppsSubnetId where it is imported',
    );
  }
  const days = logRetentionDays(inference, props.logRetentionDays);
  const shared = sharedIn(network);
  if (shared && shared.logRetentionDays !== days) {
    faults.add(
      'CMC-040',
      'logRetentionDays',
      `(${days}) must be ${shared.logRetentionDays}, as long as the logs of the others in ${network.node.path} are kept: apps of a network share one environment and its logs`,
    );
  }
}
