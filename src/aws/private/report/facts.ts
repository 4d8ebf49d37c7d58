import { Stack, Token, Validations } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Written } from './template';
import { substitution, wordsOf } from './words';
import { factsOf } from '../../../core/private/report';
import { Accepted, Facts, Output } from '../../../core/private/report/model';

/** What is told of a stack, by what its template says. */
export function factsOfStack(written: Written, constructs: readonly IConstruct[]): Facts {
  const { stack } = written;
  const words = (value: unknown) => wordsOf(stack.resolve(value), written);
  return {
    cloud: 'AWS',
    engine: 'CloudFormation',
    place: Object.entries({ Region: stack.region, Account: stack.account }).map(
      ([name, value]) => [name, [Token.isUnresolved(value) ? 'as deployed' : value]] as const,
    ),
    told: factsOf(constructs).map(({ path, entry }) => ({
      path,
      entry: { ...entry, text: substitution(stack.resolve(entry.text)) },
      text: words(entry.text),
    })),
    accepted: acceptedIn(constructs),
    providers: [],
    outputs: outputsOf(written),
    deploy: {
      where: 'In the folder of the program.',
      commands: [[`npx cdk deploy '${stack.node.path}'`, ...parametersOf(written)].join(' ')],
    },
    words,
  };
}

/** `Rule[what it is about]`, after the name of the plugin that it is of. */
const RULE = /^(?:[^[]*::)?([^[]+)(?:\[(?:Resource::)?(.*)\])?$/s;

function acceptedIn(constructs: readonly IConstruct[]): Accepted[] {
  return constructs.flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as { [id: string]: string }))
      .map(([id, reason]) => {
        const [, rule = id, at] = RULE.exec(id) ?? [];
        return { path: node.path, rule, at, reason };
      }),
  );
}

/** The user's outputs: what other stacks take has names that nobody wrote. */
function outputsOf(written: Written): Output[] {
  const { stack, template } = written;
  return Object.entries(template.Outputs ?? {})
    .filter(([, { Export }]) => !Export)
    .map(([name, { Value }]) => ({ name, value: wordsOf(Value, written), print: printing(stack, name) }));
}

const printing = (stack: Stack, output: string) =>
  [
    `aws cloudformation describe-stacks --stack-name ${stack.stackName}`,
    ...(Token.isUnresolved(stack.region) ? [] : [`--region ${stack.region}`]),
    `--query "Stacks[0].Outputs[?OutputKey=='${output}'].OutputValue" --output text`,
  ].join(' ');

/** What deployment may give, as its defaults. Parameters of the bootstrap are not the user's. */
const parametersOf = ({ template }: Written): string[] =>
  Object.entries(template.Parameters ?? {})
    .filter(([, { Type }]) => !Type.startsWith('AWS::SSM::'))
    .map(([name, { Default = '' }]) => `--parameters ${name}=${String(Default)}`);
