import { DefaultTokenResolver, StringConcat, Tokenization } from 'cdktf';
import { Written } from './content';
import { Dialect } from './dialect';
import { Found } from './uses';
import { wordsOf } from './words';
import { factsOf } from '../../core/private/report';
import { Facts, Output, Provider } from '../../core/private/report/model';

/** What is told of a stack, by what it was synthesized to. */
export function factsOfStack(written: Written, blocks: readonly Found[], dialect: Dialect): Facts {
  const { stack, content } = written;
  const resolve = (value: unknown) =>
    Tokenization.resolve(value, {
      scope: stack,
      preparing: false,
      resolver: new DefaultTokenResolver(new StringConcat()),
    });
  const words = (value: unknown) => wordsOf(String(resolve(value)), written);
  const variables = Object.entries(content.variable ?? {}).map(
    ([name, { default: value = '' }]) => `-var '${name}=${String(value)}'`,
  );
  return {
    cloud: dialect.cloud,
    engine: 'Terraform',
    place: dialect.placeOf(written, words),
    told: resolve(factsOf(stack.node.findAll())).map(
      ({ path, entry }: ReturnType<typeof factsOf>[number]) => ({
        path,
        entry,
        text: wordsOf(entry.text, written),
      }),
    ),
    accepted: [],
    providers: providersOf(written, blocks, dialect),
    outputs: outputsOf(written),
    deploy: {
      where: 'In the folder of this report.',
      commands: ['terraform init', ['terraform apply', ...variables].join(' ')],
    },
    words,
  };
}

/** Providers that are not the cloud's own, and what they make or look up. */
const providersOf = ({ content }: Written, blocks: readonly Found[], { providers }: Dialect): Provider[] =>
  Object.entries(content.terraform?.required_providers ?? {})
    .filter(([name]) => !providers.includes(name))
    .map(([name, { source, version = 'any' }]) => ({
      name,
      source,
      version,
      types: [
        ...new Set(
          blocks.filter(({ blockType }) => blockType.split('_')[0] === name).map(({ type }) => type),
        ),
      ],
    }));

/** The user's outputs: what other stacks take has names that cdktf made. */
const outputsOf = (written: Written): Output[] =>
  Object.entries(written.content.output ?? {})
    .filter(([name]) => !name.startsWith('cross-stack-output-'))
    .map(([name, { value }]) => ({
      name,
      value: wordsOf(typeof value === 'string' ? value : JSON.stringify(value), written),
      print: `terraform output -raw ${name}`,
    }));
