/** What the programs of the documentation make on each cloud, as blocks of Markdown. */
import { App as CdkApp, CfnResource } from 'aws-cdk-lib';
import { App as CdktfApp, TerraformResource } from 'cdktf';
import type { IConstruct } from 'constructs';
import { changesBlock } from './changes';
import { Cloud, CloudName, CLOUDS, NEEDED, PROGRAMS } from './programs';
import * as aws from '../../src/aws';
import * as azure from '../../src/azure';
import { reportOf } from '../../src/core/private/report';
import * as google from '../../src/google';
import { table } from '../generated';

/** What a program makes: native types with their counts, and what bills while nobody uses it. */
interface Made {
  readonly own: string[];
  readonly shared: string[];
  readonly idle: string[];
}

const NAMESPACES: Readonly<Record<CloudName, Cloud>> = { aws, google, azure };

const stackOf: Readonly<Record<CloudName, (ml: any) => IConstruct>> = {
  aws: (ml) => new ml.PlatformStack(new CdkApp(), 'platform'),
  google: (ml) =>
    new ml.PlatformStack(new CdktfApp(), 'platform', { project: 'your-project', region: 'europe-west4' }),
  azure: (ml) =>
    new ml.PlatformStack(new CdktfApp(), 'platform', {
      subscriptionId: '00000000-0000-0000-0000-000000000000',
      location: 'westeurope',
    }),
};

const typeOf = (node: IConstruct): string[] =>
  CfnResource.isCfnResource(node)
    ? [node.cfnResourceType]
    : TerraformResource.isTerraformResource(node)
      ? [node.terraformResourceType]
      : [];

/** Types with their counts, the most telling order being that of the alphabet. */
function counted(nodes: IConstruct[]): string[] {
  const types = nodes.flatMap(typeOf);
  return [...new Set(types)].sort().map((type) => {
    const count = types.filter((other) => other === type).length;
    return `${count > 1 ? `${count} × ` : ''}\`${type}\``;
  });
}

function made(page: string, cloud: CloudName): Made {
  const ml = NAMESPACES[cloud];
  const stack = stackOf[cloud](ml);
  const construct = PROGRAMS[page](ml, stack, cloud);
  const below = construct.node.findAll();
  const shared = stack.node.children.filter(
    (child) => child !== construct && !NEEDED.includes(child.node.id),
  );
  return {
    own: counted(below),
    shared: counted(shared.flatMap(({ node }) => node.findAll())),
    idle: [construct, ...shared]
      .flatMap(reportOf)
      .filter(({ entry }) => entry.kind === 'idle-cost')
      .map(({ entry }) => `${entry.title}: ${entry.text}`.replace(/\$\{[^}]*\}/g, '…')),
  };
}

/** The blocks of a page by their names. */
export function blocksOf(page: string): Readonly<Record<string, string>> {
  const clouds = Object.keys(CLOUDS) as CloudName[];
  const all = clouds.map((cloud) => made(page, cloud));
  const list = (lines: string[], none: string) => lines.join('<br>') || none;
  return {
    created: table(
      ['', ...clouds.map((cloud) => CLOUDS[cloud])],
      [
        ['its own', ...all.map(({ own }) => list(own, '–'))],
        ['once in a stack', ...all.map(({ shared }) => list(shared, '–'))],
        ['bills while idle', ...all.map(({ idle }) => list(idle, 'stored bytes and keys'))],
      ],
    ),
    changes: changesBlock(page),
  };
}
