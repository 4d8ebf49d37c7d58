import { existsSync, readFileSync } from 'fs';
import { dirname, join } from 'path';
import { AtRest, isKeyArgument, namesKey, remembered } from '../support/at-rest';

const LIBRARY = dirname(require.resolve('aws-cdk-lib/package.json'));

/** The declarations of the classes of a service, one after the other. */
const declarationsOf = remembered((service) => {
  const file = join(LIBRARY, `aws-${service}`, 'lib', `${service}.generated.d.ts`);
  return existsSync(file) ? readFileSync(file, 'utf8').split(/^export (?=declare|interface)/m) : [];
});

/** Whether CloudFormation knows an argument for a key, at whatever depth. */
const takesKey = remembered((type) => {
  const [, service, name] = type.split('::');
  return declarationsOf(service.toLowerCase())
    .filter((text) => new RegExp(`^(declare namespace Cfn${name} |interface Cfn${name}Props )`).test(text))
    .some((text) =>
      [...text.matchAll(/readonly (\w+)\??:/g)].some(([, argument]) => isKeyArgument(argument)),
    );
});

const isReference = (value: any): boolean =>
  /^(Ref|Fn::GetAtt|Fn::ImportValue)$/.test(Object.keys(value ?? {})[0]) && /Key/.test(JSON.stringify(value));

/** What a template has services keep; of a workflow, the jobs that it starts too. */
export const atRestIn = (template: any): AtRest[] =>
  Object.entries<any>(template.Resources).flatMap(([id, { Type: type, Properties: properties = {} }]) => [
    { type, at: id, takesKey: takesKey(type), hasKey: namesKey(properties, isReference) },
    ...jobsOf(properties.DefinitionString).map(({ InstanceType: machine, VolumeKmsKeyId: key }) => ({
      type: 'SageMaker training job',
      at: `${id} ${machine}`,
      takesKey: true,
      hasKey: key !== undefined,
    })),
  ]);

/** What jobs run on, where a definition starts some. */
function jobsOf(definition: any): any[] {
  const text = [definition?.['Fn::Join']?.[1] ?? []].flat();
  const literal = text.map((part: any) => (typeof part === 'string' ? part : 'reference')).join('');
  const found: any[] = [];
  JSON.parse(literal || '{}', (name, value) => {
    if (name === 'ResourceConfig') {
      found.push(value);
    }
    return value;
  });
  return found;
}
