import { TerraformResource } from 'cdktf';
import { ServingMetrics } from '../alarms';
import { Grantee } from '../grants';

/** What an engine made of a variant. */
export interface VariantParts {
  readonly deployment: TerraformResource;
  /** None on Cloud Run, which mounts files. */
  readonly model?: TerraformResource;
}

/** What an engine made. */
export interface EndpointParts {
  readonly main: TerraformResource;
  readonly endpointName: string;
  readonly url: string;
  readonly streamUrl: string;
  readonly invokeCommand: string;
  /** Moves traffic, watched by alert policies, by their names. */
  readonly shiftCommand: (policies: string[]) => string;
  readonly variants: ReadonlyMap<string, VariantParts>;
  /** Lets someone ask the endpoint. */
  readonly invoke: (to: Grantee) => TerraformResource;
  /** Which log entries are the containers'. */
  readonly logFilter: string;
  readonly metrics: ServingMetrics;
  /** What other stacks may refer to. */
  readonly references: string[];
  readonly traffic?: TerraformResource;
  readonly captureDataset?: TerraformResource;
  readonly forwardingRule?: TerraformResource;
}
