import * as core from '../core';
import { CLOUD } from './private/judge';
import { NETWORK_ID } from './private/network-ids';
import { brand } from '../core/private/brand';
import { judgeValue } from '../core/private/faults';
import { judgeProps, struct } from '../core/private/schema';

/** Where the private names of Google's APIs come from. */
export class PrivateDns extends core.PrivateDns {
  /**
   * Managed zones that exist already in another network, such as that of a hub: the names are asked there (DNS peering).
   * Who deploys needs `roles/dns.peer` in its project.
   *
   * @param networkId the network that sees the zones: `projects/…/global/networks/…`
   */
  public static fromNetwork(networkId: string): PrivateDns {
    judgeValue('PrivateDns.fromNetwork', (faults) =>
      judgeProps(faults, struct({ networkId: NETWORK_ID }), { networkId }),
    );
    return new PrivateDns(networkId);
  }

  private constructor(
    /** The network that sees the zones. */
    public readonly networkId: string,
  ) {
    super(true);
    brand(this, CLOUD, 'PrivateDns');
  }
}
