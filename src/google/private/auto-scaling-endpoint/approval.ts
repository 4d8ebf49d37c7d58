import { Fn, ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { RESTFUL, vertexProvider } from './vertex';
import * as core from '../../../core';
import { report } from '../../../core/private/report';
import { isToken } from '../../../core/private/tokens';
import { GenericDataSource } from '../../../terraform/generic';
import type { IModelRegistry } from '../../model-registry';
import { ResolvedModel } from '../images';

/**
 * Vertex AI deploys any version; Terraform does not: before a version is uploaded, the alias that approves it is looked
 * up, and the deployment fails where it is not there.
 */
export function approvalOf(
  scope: Construct,
  variant: string,
  { registry, model }: core.ModelVersion,
  { version }: ResolvedModel,
): ITerraformDependable[] {
  const native = registry as IModelRegistry;
  if (!native.approvalRequired(model)) {
    return [];
  }
  const alias = isToken(version)
    ? Fn.replace(Fn.lower(version), '/[^a-z0-9]+/', '-')
    : version.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  report(
    scope,
    'note',
    `Approval of ${variant}`,
    `Terraform refuses versions of ${model} that are not approved: registry.approveCommand approves one.`,
  );
  return [
    new GenericDataSource(scope, `Approval-${variant}`, {
      type: 'restful_resource',
      form: RESTFUL,
      provider: vertexProvider(scope),
      arguments: { id: `/${native.modelId(model)}@approved-${alias}` },
    }),
  ];
}
