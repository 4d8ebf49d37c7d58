import { createHash } from 'crypto';
import { Fn, TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { isToken } from '../core/private/tokens';

/** What a service allows. Names are lower-case letters, digits and the separator, first a letter, last a digit or letter. */
export interface NameForm {
  readonly maxLength: number;
  /** @default '-' */
  readonly separator?: '-' | '_' | '';
  /** What must not occur in the readable part, a global expression. */
  readonly without?: RegExp;
  /**
   * For what is immutable: the arguments whose change replaces the resource. The name changes with them, so that the
   * new one can be made before the old one is destroyed.
   */
  readonly replacing?: { readonly [argument: string]: unknown };
}

/** What makes a deployment unique: the project; the subscription and the resource group. May be tokens. */
export type Deployment = readonly string[];

const PREFIX = Symbol.for('cloud-ml-constructs.namePrefix');

/** What leads the readable part of all names in a stack. */
export function setNamePrefix(stack: TerraformStack, prefix: string | undefined): void {
  Object.defineProperty(stack, PREFIX, { value: prefix, configurable: true });
}

/**
 * A name that is unique to the deployment and the construct's path and stays for as long as they do:
 * `<readable, cut to fit>-<8 hex>`. Where the deployment is a token, Terraform makes the same hash itself.
 */
export function physicalName(construct: IConstruct, deployment: Deployment, form: NameForm): string {
  const { maxLength, separator = '-', without = /(?!)/g, replacing } = form;
  const prefix = (TerraformStack.of(construct) as { [PREFIX]?: string })[PREFIX];
  const readable = [prefix, construct.node.path]
    .filter(Boolean)
    .join('-')
    .toLowerCase()
    .replace(without, '')
    .replace(/[^a-z0-9]+/g, separator)
    .replace(/^[^a-z]+/, '')
    .slice(0, maxLength - 8 - separator.length)
    .replace(/[-_]+$/, '');
  return `${readable || 'ml'}${separator}${hashOf(construct, deployment, replacing)}`;
}

/** As `physicalName`, for the services that take only digits: 1 to 10, first no zero. */
export function numericName(
  construct: IConstruct,
  deployment: Deployment,
  replacing?: NameForm['replacing'],
): string {
  const hash = hashOf(construct, deployment, replacing);
  return isToken(hash) ? Fn.tostring(Fn.parseint(hash, 16)) : String(parseInt(hash, 16));
}

function hashOf({ node }: IConstruct, deployment: Deployment, replacing?: object): string {
  // Encoded, an id cannot leave the text that it becomes in Terraform's expression.
  const parts = [...deployment, node.path].map((part) => (isToken(part) ? part : encodeURI(part)));
  return sha(replacing ? [...parts, contentHash(replacing)] : parts);
}

const sha1 = (value: string) => createHash('sha1').update(value).digest('hex');

/** The same at synthesis and by Terraform. */
const sha = (parts: string[]) =>
  parts.some(isToken) ? Fn.substr(Fn.sha1(Fn.join('/', parts)), 0, 8) : sha1(parts.join('/')).slice(0, 8);

/**
 * 8 hex digits that change with a value. References in it are hashed by Terraform, so that a new value behind the same
 * reference counts, and no other construct does. Not for values that are Lazy.
 */
export function contentHash(value: unknown): string {
  const references: unknown[] = [];
  const literal = JSON.stringify(withoutReferences(value, references));
  return references.length === 0
    ? sha1(literal).slice(0, 8)
    : Fn.substr(Fn.sha1(Fn.jsonencode([sha1(literal), ...references])), 0, 8);
}

/** A copy with sorted keys, in which marks stand for the references. */
function withoutReferences(value: unknown, references: unknown[]): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{TfToken\[[^\]]*\]\}/g, (reference) => `\0${references.push(reference)}`);
  }
  if (isToken(value)) {
    return `\0${references.push(value)}`;
  }
  if (Array.isArray(value)) {
    return value.map((one) => withoutReferences(one, references));
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([key, one]) => [key, withoutReferences(one, references)]),
      )
    : value;
}
