import { evaluate } from './expressions';
import { outputsOf, testWithTerraform } from './support';

const LOCALS = {
  running: {
    deployedModels: [
      { id: '1', displayName: 'a' },
      { id: '2', displayName: 'b' },
    ],
    split: { 1: 90, 2: 10 },
  },
  word: 'Ab-C.7',
};

const CASES: [string, unknown][] = [
  ['plain', 'plain'],
  ['$${shell} and %%{more}', '${shell} and %{more}'],
  ['a-${local.word}', 'a-Ab-C.7'],
  ['${local.running.split}', { 1: 90, 2: 10 }],
  ['${local.running.deployedModels[1].displayName}', 'b'],
  ['${local.running.deployedModels[*].id}', ['1', '2']],
  ['${try(local.running.missing, "none")}', 'none'],
  ['${can(local.running.missing) ? 1 : 2 + 3 * 2}', 8],
  ['${1 + 2 == 3 && !(2 > 3) || false}', true],
  [
    '${substr(sha1(jsonencode(["a<b", {"b" = 1, "a" = [true, null]}])), 0, 7)}',
    expect.stringMatching(/^[0-9a-f]{7}$/),
  ],
  ['${replace(lower(local.word), "/[^a-z0-9]+/", "-")}', 'ab-c-7'],
  ['${replace("a.b.c", ".", "-")}', 'a-b-c'],
  [
    '${tostring(parseint(substr(sha1(join("/", ["a", local.word])), 0, 8), 16))}',
    expect.stringMatching(/^\d+$/),
  ],
  ['${trimprefix("https://x", "https://")}', 'x'],
  ['${element(split("/", "/a/b"), 1)}', 'a'],
  [
    '${sum(concat([0], [for m in local.running.deployedModels : try(local.running.split[m.id], 0) if m.displayName == "b"]))}',
    10,
  ],
  ['${{ for k, v in local.running.split : k => v if v > 50 }}', { 1: 90 }],
  [
    '${sum([for n, p in { "main-0a1b2c3" = 30, "other" = 70 } : p if can(regex("^main-[0-9a-f]{7}$", n))])}',
    30,
  ],
  ['${"quote \\" ${local.word}"}', 'quote " Ab-C.7'],
  ['${base64encode("a")}', 'YQ=='],
  ['${alltrue([for m in jsondecode("[{\\"id\\": 1}]") : m.id == 1])}', true],
  ['${join(",", sort(flatten([["b"], ["a"]])))}', 'a,b'],
];

const names = (root: string) => (root === 'local' ? LOCALS : undefined);

test.each(CASES)('%s', (text, expected) => {
  expect(evaluate(text, names)).toEqual(expected);
});

test('what cannot be evaluated is an error', () => {
  for (const text of ['${local.none}', '${frob(1)}', '%{ if true }x%{ endif }', '${1 +}']) {
    expect(() => evaluate(text, names)).toThrow();
  }
});

testWithTerraform('Terraform evaluates the same', () => {
  const output = Object.fromEntries(CASES.map(([value], i) => [`o${i}`, { value }]));
  const found = outputsOf({ locals: LOCALS, output });
  CASES.forEach(([text], i) => expect([text, found[`o${i}`]]).toEqual([text, evaluate(text, names)]));
});
