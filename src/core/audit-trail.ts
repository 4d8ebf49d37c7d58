import { IConstruct } from 'constructs';
import { CommonProps, RetentionProps } from './common';
import { IDataset } from './data-lake';

/** Records of who read and wrote data. */
export interface IAuditTrail extends IConstruct {
  /** The cloud's identifier of where the records are: on AWS a bucket, on Google Cloud a log bucket, on Azure a storage account. */
  readonly recordsId: string;

  /** The shell command that copies the records of the day `$DAY`, such as 2026-11-30, into the directory `$RECORDS`. */
  readonly readCommand: string;
}

/** Props of an audit trail on every cloud. */
export interface AuditTrailProps extends CommonProps, RetentionProps {
  /** The data whose reads, writes and deletions are recorded: lakes, or zones of them. */
  readonly datasets: IDataset[];

  /**
   * Days that records are kept, and can neither be changed nor be deleted.
   *
   * @default - 365 under SecurityProfile.STANDARD, 2557 (seven years) under REGULATED
   */
  readonly retainDays?: number;

  /**
   * Whether nobody at all can delete records before, administrators included. That can never be taken back: until then they
   * bill, and what holds them cannot be deleted. Without it those can who may lift retention.
   *
   * @default - false under SecurityProfile.STANDARD, true under REGULATED
   */
  readonly locked?: boolean;

  /**
   * Whether changes to resources are recorded too, of the whole account in the region, of the project or of the
   * subscription. Each cloud keeps those by itself for a while: AWS and Azure for 90 days, Google Cloud for 400.
   *
   * @default false
   */
  readonly managementEvents?: boolean;
}
