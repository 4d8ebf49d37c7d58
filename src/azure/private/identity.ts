import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { groupOf } from './ids';
import { nameOf, NAMES } from './names';
import { homeOf } from './resource-group';
import { required, Rule, Schema, struct, text as aText } from '../../core/private/schema';
import { text } from '../../terraform/text';
import type { ManagedIdentity } from '../workload';

/** What a workload runs as. */
export interface RunsAs {
  readonly id: string;
  readonly principalId: string;
  readonly clientId: string;
  readonly resourceGroupName: string;
  /** None where it was given. */
  readonly resource?: TerraformResource;
}

/** The identity that a workload was given, else one of its own. */
export function runsAs(workload: Construct, given?: ManagedIdentity): RunsAs {
  if (given) {
    const { resourceId, principalId, clientId } = text(given);
    return { id: resourceId, principalId, clientId, resourceGroupName: groupOf(resourceId) };
  }
  const home = homeOf(workload);
  const resource = new UserAssignedIdentity(workload, 'Identity', {
    ...home,
    name: nameOf(workload, NAMES.identity),
  });
  const { id, principalId, clientId } = resource;
  return { id, principalId, clientId, resourceGroupName: home.resourceGroupName, resource };
}

const GUID = (of: string) =>
  required(
    aText({
      pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
      means: `the ${of} of an identity: a GUID`,
    }),
  );

const IDENTITY: Schema<ManagedIdentity> = {
  resourceId: required(
    aText({
      pattern:
        /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[^/]+$/i,
      means: 'the resource id of a user-assigned identity',
    }),
  ),
  principalId: GUID('principal id'),
  clientId: GUID('client id'),
};

export const identityRule: Rule = struct(IDENTITY);
