import { TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { ROWS } from './rows';
import { isToken } from '../../../core/private/tokens';
import { Block, blocksBelow, needsOf, textsIn, unknownTypes } from '../../../terraform/deploy-permissions';
import { providerOf } from '../judge';

/** Stands for the project that the Google provider finds in its environment. */
export const ENVIRONMENT = '$GOOGLE_PROJECT';

/** What a scope's resources need, of types that say what they call where they do not. */
export class Deployed {
  private readonly blocks: Block[];
  private known?: ReadonlyMap<string, string[]>;

  constructor(
    private readonly scope: IConstruct,
    blocks = blocksBelow(scope),
  ) {
    this.blocks = blocks.map(called);
  }

  public get unknownTypes(): string[] {
    return unknownTypes(ROWS, this.blocks);
  }

  /** The permissions in each project. */
  public get permissions(): ReadonlyMap<string, string[]> {
    return (this.known ??= this.find());
  }

  private find(): ReadonlyMap<string, string[]> {
    const all = new Map<string, Set<string>>();
    for (const block of this.blocks) {
      const project = projectOf(block);
      const permissions = needsOf(ROWS, block).flatMap(({ may }) => may.trim().split(/\s+/));
      all.set(project, new Set([...(all.get(project) ?? []), ...permissions].filter(Boolean)));
    }
    return new Map(
      [...all].filter(([, some]) => some.size).map(([project, some]) => [project, [...some].sort()]),
    );
  }

  /** The roles that are given to someone; none where one is not known before deployment. */
  public get rolesGiven(): string[] {
    const given = this.blocks.filter(isGiven).map(({ body }) => String(body.role));
    const made = blocksBelow(this.scope.node.root)
      .filter(({ type }) => type === 'google_project_iam_custom_role')
      .map((block) => `projects/${projectOf(block)}/roles/${block.body.role_id}`);
    const roles = [...given.filter((role) => role !== '*'), ...(given.includes('*') ? made : [])];
    const unknown = roles.some((role) => /[*$]/.test(role)) || (given.includes('*') && !made.length);
    return unknown ? [] : [...new Set(roles)].sort();
  }
}

const isGiven = ({ type }: Block) => type.endsWith('_iam_member');

/** Where a block is: in the project that it names, else in that of its stack. */
function projectOf({ type, body, stack }: Block): string {
  const named = body.project ?? (isGiven({ type } as Block) ? projectIn(body) : undefined);
  return typeof named === 'string' && !/[*$]/.test(named) ? named : projectOfStack(stack);
}

const projectIn = (body: Block['body']) =>
  textsIn(body)
    .filter(([argument]) => argument !== 'role')
    .map(([, text]) => /^projects\/([^/]+)\//.exec(text)?.[1])
    .find((project) => project && project !== '-');

export function projectOfStack(stack: TerraformStack): string {
  const { project } = (providerOf(stack) ?? {}) as { project?: string };
  return project === undefined || isToken(project) ? ENVIRONMENT : project;
}

/** What is called by path: `restful_operation endpoints:deployModel`, `restful_operation PATCH endpoints`. */
export function called(block: Block): Block {
  const [, collection, verb] = /\/(\w+)(?:\/[^/:]*)?(?::(\w+))?$/.exec(String(block.body.path)) ?? [];
  const isVertex = String(block.body.provider).endsWith('.ml_vertex');
  if (block.type !== 'restful_operation' || !isVertex || !collection) {
    return block;
  }
  const what = verb ? `${collection}:${verb}` : `${block.body.method} ${collection}`;
  return { ...block, type: `restful_operation ${what}` };
}
