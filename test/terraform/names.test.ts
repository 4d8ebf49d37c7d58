import { TerraformOutput, TerraformVariable } from 'cdktf';
import { Construct } from 'constructs';
import { newApp, outputsOf, synthesizedStack, testWithTerraform, TestStack } from './support';
import { contentHash, NameForm, numericName, physicalName } from '../../src/terraform/names';

const at = (...path: string[]) =>
  path.reduce<Construct>((scope, id) => new Construct(scope, id), new TestStack(newApp(), 'foundation'));
const name = (path: string[], form: NameForm = { maxLength: 63 }, project = 'acme-ml') =>
  physicalName(at(...path), [project], form);

test('a name is readable, and the same for the same path and deployment', () => {
  expect(name(['Lake', 'Zone-raw'])).toMatch(/^foundation-lake-zone-raw-[0-9a-f]{8}$/);
  expect(name(['Lake'])).toBe(name(['Lake']));
});

test('deployments and paths have names of their own', () => {
  const names = [
    name(['Lake']),
    name(['Lake'], undefined, 'acme-dev'),
    name(['lake']),
    name(['La', 'ke']),
    name(['La-ke']),
  ];
  expect(new Set(names).size).toBe(names.length);
});

test('names are cut to fit without losing what tells them apart', () => {
  const stack = new TestStack(newApp(), 'foundation');
  const below = new Construct(stack, 'x'.repeat(100));
  const names = Array.from({ length: 10_000 }, (_, i) =>
    physicalName(new Construct(below, `${i}`), ['p'], { maxLength: 24, separator: '' }),
  );
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((one) => !/^[a-z][a-z0-9]{8,23}$/.test(one))).toEqual([]);
});

test('names have the form of their service', () => {
  expect(name(['Fraud Detector'], { maxLength: 60, separator: '_' })).toMatch(
    /^foundation_fraud_detector_[0-9a-f]{8}$/,
  );
  expect(name(['Google-Lake'], { maxLength: 63, without: /goog(le)?/g })).toMatch(
    /^foundation-lake-[0-9a-f]{8}$/,
  );
  expect(name(['---'], { maxLength: 20 })).toMatch(/^foundation-[0-9a-f]{8}$/);
  expect(physicalName(new TestStack(newApp(), '1-2'), ['p'], { maxLength: 20 })).toMatch(/^ml-[0-9a-f]{8}$/);
  expect(numericName(at('Endpoint'), ['acme-ml'])).toMatch(/^[1-9][0-9]{0,9}$/);
});

test('a name changes with the arguments that replace its resource, and with nothing else', () => {
  const named = (replacing: object) => name(['Model'], { maxLength: 63, replacing: { ...replacing } });
  expect(named({ image: 'a', port: 1 })).toBe(named({ port: 1, image: 'a' }));
  expect(named({ image: 'a', port: 1 })).not.toBe(named({ image: 'a', port: 2 }));
});

test('where deployment or arguments are tokens, Terraform hashes; other constructs change nothing', () => {
  const output = (others: number) =>
    synthesizedStack((stack) => {
      const variables = Array.from(
        { length: others },
        (_, i) => new TerraformVariable(stack, `Other${i}`, {}),
      );
      variables.forEach((one) => one.stringValue);
      const project = new TerraformVariable(stack, 'Project', { type: 'string' }).stringValue;
      const replacing = { image: `x "quoted" ${project}`, count: 1 };
      const lake = new Construct(stack, 'La"ke${x}\\');
      new TerraformOutput(stack, 'Name', { value: physicalName(lake, [project], { maxLength: 63 }) });
      new TerraformOutput(stack, 'Id', { value: physicalName(lake, ['p'], { maxLength: 63, replacing }) });
    }).json.output;
  expect(output(0)).toEqual(output(3));
  expect(output(0).Name.value).toBe(
    'platform-la-ke-x-${substr(sha1(join("/", [var.Project, "platform/La%22ke$%7Bx%7D%5C"])), 0, 8)}',
  );
  expect(output(0).Id.value).toMatch(
    /^platform-la-ke-x-\$\{substr\(sha1\(join\("\/", \["p", ".*", substr\(sha1\(jsonencode\(\["[0-9a-f]{40}", var.Project\]\)\), 0, 8\)\]\)\), 0, 8\)\}$/,
  );
});

testWithTerraform('Terraform makes the names that synthesis makes', () => {
  const ids = ['Lake', 'La"ke', 'a${b}%{c}', 'ä\\n'];
  const { json } = synthesizedStack((stack) => {
    const project = new TerraformVariable(stack, 'Project', { type: 'string', default: 'acme-ml' });
    const deployment = [project.stringValue, 'group'];
    ids.forEach((id, i) => {
      const construct = new Construct(stack, id);
      const made = {
        Name: physicalName(construct, deployment, { maxLength: 63 }),
        Number: numericName(construct, deployment),
      };
      Object.entries(made).forEach(([key, value]) => new TerraformOutput(stack, `${key}${i}`, { value }));
    });
  });
  const outputs = outputsOf(json);
  const literal = new TestStack(newApp(), 'platform');
  ids.forEach((id, i) => {
    const construct = new Construct(literal, id);
    expect(outputs[`Name${i}`]).toBe(physicalName(construct, ['acme-ml', 'group'], { maxLength: 63 }));
    expect(outputs[`Number${i}`]).toBe(numericName(construct, ['acme-ml', 'group']));
  });
});

testWithTerraform('a content hash sees what is literal, and every value behind a reference', () => {
  const { json } = synthesizedStack((stack) => {
    const variable = (id: string, type: string, value: any) =>
      new TerraformVariable(stack, id, { type, default: value });
    const [a, b] = ['1', '2'].map((value, i) => variable(`Tag${i}`, 'string', value).stringValue);
    const numbers = [1, 2].map((value, i) => variable(`Count${i}`, 'number', value).numberValue);
    const list = variable('List', 'list(string)', ['"x"', '${y}']).listValue;
    const values = [
      a,
      b,
      `say "${a}" \\ \${x}`,
      `say "${b}" \\ \${x}`,
      { env: { A: a } },
      { env: { B: a } },
      { a, b },
      { a: b, b: a },
      ...numbers,
      list,
    ];
    values.forEach((value, i) => new TerraformOutput(stack, `H${i}`, { value: contentHash(value) }));
  });
  const hashes = Object.values(outputsOf(json));
  expect(hashes).toHaveLength(11);
  expect(new Set(hashes).size).toBe(hashes.length);
});
