import { createHash } from 'crypto';
import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { RoleDefinition } from '@cdktf/provider-azurerm/lib/role-definition';
import { TerraformResource } from 'cdktf';
import { Construct, IConstruct } from 'constructs';
import { text } from '../../../terraform/text';
import { nameOf } from '../names';
import { resourceGroupId } from '../resource-group';
import { TRIGGER } from './workflow';

/** A role that lets its holder start the workflow, and no more: no built-in one is that narrow. */
export function submitRole(cluster: Construct): RoleDefinition {
  const group = resourceGroupId(cluster);
  return new RoleDefinition(cluster, 'SubmitRole', {
    name: nameOf(cluster, { maxLength: 128 }),
    scope: group,
    assignableScopes: [group],
    permissions: [
      {
        actions: [
          'Microsoft.Logic/workflows/read',
          'Microsoft.Logic/workflows/triggers/read',
          'Microsoft.Logic/workflows/triggers/listCallbackUrl/action',
        ],
      },
    ],
  });
}

export interface Submission {
  readonly workflowId: string;
  readonly roleDefinitionId: string;
}

/** Lets a principal start jobs, once: a child of `holder`. */
export function allowSubmit(
  holder: IConstruct,
  cluster: IConstruct,
  principalId: string,
  { workflowId, roleDefinitionId }: Submission,
  servicePrincipal: boolean,
): TerraformResource {
  const about = servicePrincipal ? cluster.node.path : `${cluster.node.path}\0${principalId}`;
  const id = `Submit-${createHash('sha1').update(about).digest('hex').slice(0, 8)}`;
  return (
    (holder.node.tryFindChild(id) as RoleAssignment | undefined) ??
    new RoleAssignment(holder as Construct, id, {
      scope: workflowId,
      roleDefinitionId,
      principalId,
      principalType: servicePrincipal ? 'ServicePrincipal' : undefined,
    })
  );
}

/** The name of a run, for a shell: the user's, else the time. It holds no `${`, which Terraform would take. */
const RUN_NAME = `"$([ -n "$RUN" ] && echo "$RUN" || date +%Y%m%d-%H%M%S)"`;

/** The command has the input in single quotes, but for the name of the run. */
export function submitCommand(workflowId: string, nodes: number, command = ['torchrun', 'train.py']): string {
  const input = text(JSON.stringify({ command, nodes, run: '' })).replace(/'/g, `'\\''`);
  const [before, after] = [input.slice(0, -2), input.slice(-2)];
  const address = `az rest --method post --url '${workflowId}/triggers/${TRIGGER}/listCallbackUrl?api-version=2019-05-01' --query value --output tsv`;
  return `az rest --method post --skip-authorization-header --headers Content-Type=application/json --url "$(${address})" --body '${before}'${RUN_NAME}'${after}'`;
}
