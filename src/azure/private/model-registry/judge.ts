import { IConstruct } from 'constructs';
import { Faults } from '../../../core/private/faults';
import { modelRegistryRules } from '../../../core/private/rules/registry';
import { anything, judgeProps, struct } from '../../../core/private/schema';
import type { ModelRegistryProps } from '../../model-registry';
import { CLOUD, usesAll } from '../judge';
import { placeOf } from '../place';
import { judgePrivacy } from '../private-access';

export function judgeRegistry(registry: IConstruct, props: ModelRegistryProps, faults: Faults): void {
  judgeProps(faults, struct<ModelRegistryProps>(modelRegistryRules(CLOUD, anything)), props);
  const grants = { readers: 'read', publishers: 'publish' } as const;
  for (const [prop, grant] of Object.entries(grants) as [keyof typeof grants, string][]) {
    if (props[prop]?.length) {
      faults.add(
        'CMC-040',
        prop,
        `are not granted to on Azure, which knows no grants to subscriptions: call registry.grants.${grant}('<object id>') for each identity`,
      );
    }
  }
  const place = placeOf(registry)!;
  if (props.images?.length && place.workspaceId && !place.containerRegistryId) {
    faults.add(
      'CMC-009',
      'images',
      'need a container registry: give the stack, which has a workspace of your own, its containerRegistryId too',
    );
  }
  judgePrivacy(registry, props.network, faults);
  const { network, encryptionKey, channels } = props;
  usesAll(registry, { network, encryptionKey, channels }, faults);
}
