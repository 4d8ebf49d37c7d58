import { CloudRunV2Service } from '@cdktf/provider-google/lib/cloud-run-v2-service';
import { ComputeBackendService } from '@cdktf/provider-google/lib/compute-backend-service';
import { ComputeGlobalAddress } from '@cdktf/provider-google/lib/compute-global-address';
import { ComputeGlobalForwardingRule } from '@cdktf/provider-google/lib/compute-global-forwarding-rule';
import { ComputeManagedSslCertificate } from '@cdktf/provider-google/lib/compute-managed-ssl-certificate';
import { ComputeRegionNetworkEndpointGroup } from '@cdktf/provider-google/lib/compute-region-network-endpoint-group';
import { ComputeSslPolicy } from '@cdktf/provider-google/lib/compute-ssl-policy';
import { ComputeTargetHttpsProxy } from '@cdktf/provider-google/lib/compute-target-https-proxy';
import { ComputeUrlMap } from '@cdktf/provider-google/lib/compute-url-map';
import { Construct } from 'constructs';
import { BalancedShare, shiftBalanced } from './shift';
import { report } from '../../../core/private/report';
import { apis } from '../apis';
import { physicalName, RFC1035 } from '../names';
import { placeOf } from '../place';

/** A service that gets its share of the traffic. */
export interface Share {
  readonly name: string;
  readonly service: CloudRunV2Service;
  /** Percent of the traffic. */
  readonly weight: number;
}

const EXTERNAL = 'EXTERNAL_MANAGED';

/** A global load balancer with a name and a certificate of its own, which splits the traffic between services. */
export class LoadBalancer extends Construct {
  public readonly forwardingRule: ComputeGlobalForwardingRule;
  public readonly urlMap: ComputeUrlMap;
  public readonly urlMapName: string;
  private readonly shares: BalancedShare[];

  constructor(scope: Construct, id: string, hostName: string, shares: Share[]) {
    super(scope, id);
    const name = physicalName(this, RFC1035);
    const dependsOn = apis(this, 'compute');
    const { region } = placeOf(this);
    const backends = shares.map((share) => {
      const variant = new Construct(this, share.name);
      const backendName = physicalName(variant, RFC1035);
      const group = new ComputeRegionNetworkEndpointGroup(variant, 'Group', {
        name: backendName,
        region,
        networkEndpointType: 'SERVERLESS',
        cloudRun: { service: share.service.name },
        dependsOn,
      });
      const backend = new ComputeBackendService(variant, 'Backend', {
        name: backendName,
        protocol: 'HTTPS',
        loadBalancingScheme: EXTERNAL,
        backend: [{ group: group.id }],
      });
      return { share, backend, backendName };
    });
    this.shares = backends.map(({ share: { name: variant, service, weight }, backendName }) => ({
      ...{ variant, weight },
      ...{ deployment: backendName, serviceName: service.name },
    }));
    const weights = Object.fromEntries(shares.map(({ name: one, weight }) => [one, weight]));
    this.urlMap = new ComputeUrlMap(this, 'UrlMap', {
      // What `shiftCommand` did stays until the program's own variants or weights change.
      name: physicalName(this, { ...RFC1035, replacing: { weights } }),
      defaultRouteAction: {
        weightedBackendServices: backends.map(({ share, backend }) => ({
          backendService: backend.id,
          weight: share.weight,
        })),
      },
      lifecycle: { createBeforeDestroy: true, ignoreChanges: ['default_route_action'] },
    });
    this.urlMapName = this.urlMap.name;
    const domains = [hostName];
    const certificate = new ComputeManagedSslCertificate(this, 'Certificate', {
      name: physicalName(this, { ...RFC1035, replacing: { domains } }),
      managed: { domains },
      lifecycle: { createBeforeDestroy: true },
      dependsOn,
    });
    const policy = new ComputeSslPolicy(this, 'SslPolicy', {
      name,
      profile: 'MODERN',
      minTlsVersion: 'TLS_1_2',
      dependsOn,
    });
    const proxy = new ComputeTargetHttpsProxy(this, 'Proxy', {
      name,
      urlMap: this.urlMap.id,
      sslCertificates: [certificate.id],
      sslPolicy: policy.id,
    });
    const address = new ComputeGlobalAddress(this, 'Address', { name, dependsOn });
    this.forwardingRule = new ComputeGlobalForwardingRule(this, 'ForwardingRule', {
      name,
      target: proxy.id,
      portRange: '443',
      ipAddress: address.address,
      loadBalancingScheme: EXTERNAL,
    });
    this.tell(scope, hostName, address.address);
  }

  /** Moves traffic to the variant `$VARIANT` in steps; without it back to the declared weights. */
  public shiftCommand(policies: string[]): string {
    return shiftBalanced(placeOf(this).project, this.urlMapName, this.shares, policies);
  }

  private tell(endpoint: Construct, hostName: string, address: string): void {
    report(endpoint, 'idle-cost', 'Load balancer', 'The way in bills per hour and per GiB.');
    report(
      endpoint,
      'note',
      'DNS',
      `Make an A record of ${hostName} that leads to ${address}: the certificate becomes valid after that.`,
    );
  }
}
