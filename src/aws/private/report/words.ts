import { Written } from './template';
import { Words } from '../../../core/private/report/model';

/** What CloudFormation makes of a resolved value, with what it fills in as a path of a construct, or a name of its own. */
export function wordsOf(value: unknown, written: Written): Words {
  return joined(pieces(value, written));
}

function pieces(value: any, written: Written): Words {
  if (typeof value !== 'object' || value === null) {
    return [String(value)];
  }
  const [[name, argument] = ['', undefined]] = Object.entries<any>(value);
  switch (name) {
    case 'Fn::Join':
      return argument[1].flatMap((one: unknown, i: number) =>
        i ? [argument[0], ...pieces(one, written)] : pieces(one, written),
      );
    case 'Ref':
      return [{ hole: nameOf(argument, written) }];
    case 'Fn::GetAtt':
      return [{ hole: [nameOf(argument[0], written), ...argument.slice(1)].join(' ') }];
    case 'Fn::ImportValue':
      return [{ hole: 'from another stack' }];
    default:
      // What it is worked out from says more than how.
      return Object.values(argument ?? {})
        .flatMap((one) => pieces(one, written))
        .filter((word) => typeof word !== 'string')
        .concat({ hole: 'worked out at deployment' })
        .slice(0, 1);
  }
}

/** `AWS::Region` is known by its last word, a resource by its construct. */
function nameOf(id: string, { stack, elements }: Written): string {
  const path = elements.get(id)?.node.path.slice(stack.node.path.length + 1);
  return path?.replace(/\/Resource$/, '') ?? id.replace(/^AWS::/, '');
}

/** Without empty texts, and with neighbours in one piece. */
function joined(words: Words): Words {
  return words.reduce<Words>((all, word) => {
    const last = all[all.length - 1];
    if (word === '') {
      return all;
    }
    return typeof last === 'string' && typeof word === 'string'
      ? [...all.slice(0, -1), last + word]
      : [...all, word];
  }, []);
}

/** A resolved value as `Fn::Sub` takes it. */
export function substitution(value: any): string {
  if (typeof value !== 'object' || value === null) {
    return String(value).replace(/\$\{/g, '${!');
  }
  const [[name, argument] = ['', undefined]] = Object.entries<any>(value);
  switch (name) {
    case 'Fn::Join':
      return argument[1].map(substitution).join(argument[0]);
    case 'Ref':
      return `\${${argument}}`;
    case 'Fn::GetAtt':
      return `\${${argument.join('.')}}`;
    default:
      return `\${${name} ${JSON.stringify(argument)}}`;
  }
}
