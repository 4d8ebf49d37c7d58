import { TerraformResourceLifecycle } from 'cdktf';
import { DataRetention } from '../../core';

/** Terraform refuses to destroy what is to stay. */
export const lifecycleOf = (retention?: DataRetention): TerraformResourceLifecycle | undefined =>
  retention === DataRetention.DESTROY ? undefined : { preventDestroy: true };
