import { IConstruct } from 'constructs';
import { PrivateDns } from './private-dns';
import { SecurityProfile } from './security-profile';

/** What becomes of data when its construct is removed from the program or its stack is destroyed. */
export enum DataRetention {
  /** It stays, no longer managed. */
  RETAIN = 'retain',
  /** It is deleted. */
  DESTROY = 'destroy',
}

/** A private network: on AWS a VPC, on Google Cloud a VPC network, on Azure a virtual network. */
export interface INetwork extends IConstruct {
  /** The cloud's identifier of the network. */
  readonly networkId: string;
}

/** A key that the customer manages: on AWS KMS, on Google Cloud KMS, on Azure Key Vault. */
export interface IEncryptionKey extends IConstruct {
  /** The cloud's identifier of the key. */
  readonly keyId: string;
}

/** Anything with an identity that can be granted to: a training cluster, an endpoint, a serverless inference. */
export interface IWorkload extends IConstruct {
  /** The cloud's identifier of the identity: on AWS a role ARN, on Google Cloud an e-mail, on Azure a principal id. */
  readonly identityId: string;
}

/**
 * A secret of the cloud's own store, handed to containers and jobs by reference. One that is asked for as NAME is in the
 * variable NAME where the service puts values there itself (AWS Batch, Cloud Run, Container Apps); everywhere else the
 * variable `NAME_SECRET_ID` has the secret's identifier, and the container or job reads it as its own identity, which may.
 * No value passes through a program, a template or a state.
 */
export interface ISecret extends IConstruct {
  /** The cloud's identifier of the secret. */
  readonly secretId: string;

  /**
   * Lets a workload read the secret's value.
   *
   * @param workload who reads
   */
  grantRead(workload: IWorkload): void;
}

/** Props of everything that can be reached privately and is encrypted. */
export interface CommonProps {
  /**
   * The network that it runs in, or that reaches it without crossing the internet. Access takes the cloud's identity
   * either way. Endpoints that this needs are made in the network, and bill there.
   *
   * @default - the service's own network; under SecurityProfile.REGULATED, where that has a way to the internet, it is
   * required
   */
  readonly network?: INetwork;

  /**
   * The key that encrypts it.
   *
   * @default - under SecurityProfile.STANDARD one customer-managed key per root stack on AWS and keys of the platform
   * elsewhere; under REGULATED one customer-managed key per root stack
   */
  readonly encryptionKey?: IEncryptionKey;
}

/** Props of everything that holds data. */
export interface RetentionProps {
  /**
   * What becomes of the data when this is removed.
   *
   * @default DataRetention.RETAIN
   */
  readonly retention?: DataRetention;
}

/** Props of everything that writes logs. */
export interface LogProps {
  /**
   * Days that logs are kept. AWS takes 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192,
   * 2557, 2922, 3288 and 3653. Under SecurityProfile.REGULATED at least 365.
   *
   * @default - 90 under SecurityProfile.STANDARD, 2557 (seven years) under REGULATED
   */
  readonly logRetentionDays?: number;
}

/** Props of a stack whose names follow a rule. */
export interface NamePrefixProps {
  /**
   * What leads the physical name of everything that is named here: lower-case letters, digits and `-`, at most 10, first a
   * letter. On AWS it leads the stack's name, with which all others begin. Giving it to a stack that is deployed already
   * replaces what is in it.
   *
   * @default - none
   */
  readonly namePrefix?: string;
}

/** Props of a stack that stays where it may be. */
export interface ResidencyProps {
  /**
   * The regions that the stack and everything below it may lie in, resources of your own included: what else lies in, is
   * copied to, or is served from another place is refused at synthesis. With it, the stack's own region must be given.
   * Larger places count where they are named: `EU` on Google Cloud, the geography `eu` of inference profiles on AWS.
   *
   * @default - any
   */
  readonly allowedRegions?: string[];

  /**
   * Whether a policy of the cloud guards `allowedRegions` at deployment, too. On AWS it is a policy that denies the
   * roles of the stack calls to other regions; on Google Cloud an organization policy of the project; on Azure the
   * policy "Allowed locations" on the resource group. Whoever deploys needs the right to set such policies.
   *
   * @default false
   */
  readonly regionGuard?: boolean;
}

/** Props of a stack that has a report. */
export interface StackReportProps {
  /**
   * Whether synthesis writes a report next to what is deployed, as a page, as Markdown and for machines: a picture of the
   * stack, what is created, what was chosen and why, what bills while idle, the quotas that it needs, the commands that come
   * next.
   *
   * @default true
   */
  readonly report?: boolean;
}

/** Props of a platform stack on every cloud. */
export interface PlatformStackCommonProps extends NamePrefixProps, ResidencyProps, StackReportProps {
  /**
   * What constructs do where security costs money or freedom.
   *
   * @default - the profile of the nearest scope above, else SecurityProfile.STANDARD
   */
  readonly securityProfile?: SecurityProfile;
}

/** Props of a customer-managed key. */
export interface EncryptionKeyProps extends RetentionProps {
  /**
   * Days between rotations of the key's material, from 90 to 365.
   *
   * @default - 365 under SecurityProfile.STANDARD, 90 under REGULATED
   */
  readonly rotationDays?: number;
}

/** Props of a private network. */
export interface PrivateNetworkProps extends LogProps {
  /**
   * The address range, in CIDR notation, with a prefix from /16 to /24.
   *
   * @default 10.0.0.0/16
   */
  readonly cidr?: string;

  /**
   * Zones of the region that the network spans, from 2 to 3. Clouds whose subnets span a region take it as 1 subnet.
   *
   * @default 2
   */
  readonly zones?: number;

  /**
   * Whether workloads reach the internet (packages, model hubs), through a translating gateway that bills per hour.
   *
   * @default false
   */
  readonly internetEgress?: boolean;

  /**
   * Where the network's private names come from. A cloud's own `PrivateDns` also takes what was made elsewhere.
   *
   * @default PrivateDns.create()
   */
  readonly privateDns?: PrivateDns;
}
