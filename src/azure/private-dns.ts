import * as core from '../core';
import { CLOUD } from './private/judge';
import { brand } from '../core/private/brand';
import { judgeValue } from '../core/private/faults';
import { judgeProps, record, required, struct, text } from '../core/private/schema';
import { text as literally } from '../terraform/text';

/** Where private endpoints are entered, so that services are found at their private addresses. */
export class PrivateDns extends core.PrivateDns {
  /**
   * Private DNS zones that exist already and are linked to the network. A zone that is missing here is left to someone else.
   *
   * @param zoneIds their resource ids by name, such as `privatelink.blob.core.windows.net`
   */
  public static fromZoneIds(zoneIds: { [zone: string]: string }): PrivateDns {
    judgeValue('PrivateDns.fromZoneIds', (faults) =>
      judgeProps(faults, struct({ zoneIds: required(record(ZONE_ID, ZONE_NAMES)) }), { zoneIds }),
    );
    return new PrivateDns(literally(zoneIds));
  }

  /**
   * The resource group that has a private DNS zone for every service, linked to the network, as hubs do. Container Apps
   * have zones of their own, which no hub knows before.
   *
   * @param resourceGroupId the group's resource id, also one of another subscription
   */
  public static fromResourceGroup(resourceGroupId: string): PrivateDns {
    judgeValue('PrivateDns.fromResourceGroup', (faults) =>
      judgeProps(faults, struct({ resourceGroupId: required(GROUP_ID) }), { resourceGroupId }),
    );
    return new PrivateDns({}, literally(resourceGroupId));
  }

  private constructor(
    private readonly zoneIds: { [zone: string]: string },
    private readonly resourceGroupId?: string,
  ) {
    super(false);
    brand(this, CLOUD, 'PrivateDns');
  }

  /**
   * The resource id of a zone; undefined where someone else enters endpoints into it.
   *
   * @param zone the zone's name, such as `privatelink.blob.core.windows.net`
   */
  public zoneId(zone: string): string | undefined {
    return this.resourceGroupId
      ? `${this.resourceGroupId}/providers/Microsoft.Network/privateDnsZones/${zone}`
      : this.zoneIds[zone];
  }
}

const ZONE_ID = text({
  pattern:
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/privateDnsZones\/[^/]+$/i,
  means: 'the resource id of a private DNS zone',
});
const ZONE_NAMES = {
  keys: /^[a-z0-9.-]+$/,
  means: 'the name of a zone such as privatelink.blob.core.windows.net',
};
const GROUP_ID = text({
  pattern: /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/,
  means: 'the resource id of a resource group: /subscriptions/…/resourceGroups/…',
});
