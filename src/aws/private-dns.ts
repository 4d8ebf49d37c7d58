import { aws_route53 as route53 } from 'aws-cdk-lib';
import * as core from '../core';
import { CLOUD } from './private/judge';
import { brand } from '../core/private/brand';

/** Where the private names of a VPC's interface endpoints come from. */
export class PrivateDns extends core.PrivateDns {
  /**
   * Hosted zones that exist already, associated with the VPC: the interface endpoints enter their addresses there, and make
   * no zones of their own. A service without a zone here is left to someone else.
   *
   * @param hostedZones the zones by the services' short names, such as `sagemaker.runtime`
   */
  public static fromHostedZones(hostedZones: { [service: string]: route53.IHostedZone }): PrivateDns {
    return new PrivateDns(hostedZones);
  }

  private constructor(
    /** The zones by the services' short names. */
    public readonly hostedZones: { [service: string]: route53.IHostedZone },
  ) {
    super(false);
    brand(this, CLOUD, 'PrivateDns');
  }
}
