/**
 * A value as CloudFormation would fill it in: references are shown as `<LogicalId>`, parameters as `<?Name>`. Of a
 * condition there are both outcomes.
 */
export function filledIn(value: any, parameters: readonly string[]): any {
  const fill = (one: any) => filledIn(one, parameters);
  if (Array.isArray(value)) {
    return value.map(fill);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const [[name, argument] = ['', undefined], ...more] = Object.entries<any>(value);
  const intrinsic = more.length === 0 ? INTRINSICS[name] : undefined;
  return intrinsic
    ? intrinsic(argument, fill, parameters)
    : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(one)]));
}

type Intrinsic = (argument: any, fill: (value: any) => any, parameters: readonly string[]) => any;

const reference = (name: string, parameters: readonly string[]) =>
  `<${parameters.includes(name) ? '?' : ''}${name}>`;

const INTRINSICS: { readonly [name: string]: Intrinsic } = {
  Ref: (name, _, parameters) => reference(name, parameters),
  'Fn::GetAtt': (path) => `<${[path].flat().join('.')}>`,
  'Fn::ImportValue': () => '<imported from the same region>',
  'Fn::GetAZs': () => '<zones of the region>',
  'Fn::FindInMap': () => '<?a mapping>',
  'Fn::If': ([, ...outcomes], fill) => outcomes.map(fill),
  'Fn::Base64': (text, fill) => fill(text),
  'Fn::Join': ([separator, parts], fill) => {
    const filled = fill(parts);
    return Array.isArray(filled) ? filled.flat().join(separator) : filled;
  },
  'Fn::Split': ([, text], fill) => fill(text),
  'Fn::Select': ([index, list], fill) => {
    const filled = fill(list);
    return Array.isArray(filled) ? filled[index] : filled;
  },
  'Fn::Sub': (argument, fill, parameters) => {
    const [text, given = {}] = [argument].flat();
    return String(text).replace(/\$\{([^!}][^}]*)\}/g, (_, name) =>
      name in given ? String(fill(given[name])) : reference(name, parameters),
    );
  },
};
