import { readFileSync } from 'fs';
import { join } from 'path';
import { Baseline, Entry, Finding, judged, judgedBySkips, Skip } from '../../scripts/checkov/baseline';
import { answersOf, Told } from '../../scripts/compliance/cells';
import { pageOf, summaryOf } from '../../scripts/compliance/page';

const FINDING: Finding = {
  check: 'CKV_GCP_62',
  name: 'Bucket should log access',
  resource: 'google_storage_bucket MlAccessLogs/Bucket',
  stack: 'everything/regulated/foundation',
  profile: 'regulated',
  construct: 'MlAccessLogs',
};
const REASON = 'It cannot log to itself.';
const baseline = (props: Partial<Entry> = {}, construct = 'MlAccessLogs'): Baseline => ({
  reasons: { own: REASON },
  constructs: {
    [construct]: [
      {
        ...{ checks: ['CKV_GCP_62'], on: ['google_storage_bucket MlAccessLogs/*'], because: 'own' },
        profile: 'regulated',
        ...props,
      },
    ],
  },
});
const STALE = 'MlAccessLogs: CKV_GCP_62 on google_storage_bucket MlAccessLogs/* under regulated';

test('a finding with a reason stands, for that reason', () => {
  expect(judged([FINDING], baseline())).toEqual({
    found: [],
    explained: [{ ...FINDING, because: REASON }],
    stale: [],
  });
});

test('of a program whose constructs are not known, the reason says the construct', () => {
  const { explained } = judged([{ ...FINDING, construct: undefined }], baseline());
  expect(explained).toEqual([{ ...FINDING, because: REASON }]);
});

test.each([
  [
    'another check',
    baseline({ checks: ['CKV_GCP_78'] }),
    'MlAccessLogs: CKV_GCP_78 on google_storage_bucket MlAccessLogs/* under regulated',
  ],
  [
    'another resource',
    baseline({ on: ['google_storage_bucket Lake/*'] }),
    'MlAccessLogs: CKV_GCP_62 on google_storage_bucket Lake/* under regulated',
  ],
  [
    'a part of the name',
    baseline({ on: ['google_storage_bucket MlAccess'] }),
    'MlAccessLogs: CKV_GCP_62 on google_storage_bucket MlAccess under regulated',
  ],
  ['another profile', baseline({ profile: 'standard' }), STALE.replace('regulated', 'standard')],
  ['other programs', baseline({ except: ['everything/*'] }), STALE],
  [
    'another construct',
    baseline({}, 'DataLake'),
    'DataLake: CKV_GCP_62 on google_storage_bucket MlAccessLogs/* under regulated',
  ],
])('a reason for %s is stale, and the finding is found', (_, other, stale) => {
  expect(judged([FINDING], other)).toEqual({ found: [FINDING], explained: [], stale: [stale] });
});

test('a reason for both profiles is stale where one of them has no finding', () => {
  const both = baseline({ profile: undefined });
  expect(judged([FINDING], both)).toMatchObject({
    found: [],
    stale: [STALE.replace('regulated', 'standard')],
  });
  expect(judged([FINDING, { ...FINDING, profile: 'standard' }], both)).toMatchObject({
    found: [],
    stale: [],
  });
});

test('of several patterns and checks each must cover something', () => {
  const many = baseline({
    checks: ['CKV_GCP_62', 'CKV_GCP_78'],
    on: ['google_storage_bucket MlAccessLogs/*', 'google_storage_bucket Lake/*'],
  });
  expect(judged([FINDING], many)).toMatchObject({
    found: [],
    stale: [
      'MlAccessLogs: CKV_GCP_62 on google_storage_bucket Lake/* under regulated',
      'MlAccessLogs: CKV_GCP_78 on google_storage_bucket MlAccessLogs/* under regulated',
      'MlAccessLogs: CKV_GCP_78 on google_storage_bucket Lake/* under regulated',
    ],
  });
});

test('what a template says stands for its own resource alone', () => {
  const skip: Skip = {
    ...{ check: FINDING.check, resource: FINDING.resource, stack: FINDING.stack },
    because: REASON,
  };
  expect(judgedBySkips([FINDING], [skip])).toMatchObject({ found: [], explained: [{ because: REASON }] });
  expect(judgedBySkips([FINDING], [{ ...skip, stack: 'everything/standard/foundation' }])).toEqual({
    found: [FINDING],
    explained: [],
    stale: [`${FINDING.check} on ${FINDING.resource} (everything/standard/foundation)`],
  });
});

describe.each(['google', 'azure'])('the reasons on %s', (cloud) => {
  const { reasons, constructs }: Baseline = JSON.parse(
    readFileSync(join(__dirname, '..', '..', 'scripts', 'checkov', `${cloud}.json`), 'utf8'),
  );
  const entries = Object.values(constructs).flat();

  test('are sentences, each once, and all are used', () => {
    const texts = Object.values(reasons);
    expect(texts.filter((one) => !/^[A-Z].{20,}\.$/.test(one))).toEqual([]);
    expect(new Set(texts).size).toBe(texts.length);
    expect(new Set(entries.map(({ because }) => because))).toEqual(new Set(Object.keys(reasons)));
  });

  test('are given once for each check and pattern', () => {
    const keys = entries.flatMap(({ checks, on }) =>
      checks.flatMap((check) => on.map((pattern) => `${check} ${pattern}`)),
    );
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });
});

describe('the table of compliance', () => {
  const told = (rule: string, more: Partial<Told> = {}): Told => ({
    ...{ profile: 'regulated', scanner: 'Pack', construct: 'DataLake' },
    rule: `Pack-${rule}`,
    ...more,
  });
  const answers = answersOf([
    told('Encrypted'),
    told('Encrypted'),
    told('Logged'),
    told('Logged', { because: REASON }),
    told('Replicated', { because: REASON }),
    told('Logged', { construct: 'none', because: 'The example is its own.' }),
    told('Stopped', { construct: undefined }),
    told('Encrypted', { construct: 'Workspace', profile: 'standard' }),
  ]);
  const found = {
    answers: { aws: [answers] },
    unscanned: [{ cloud: 'aws', type: 'AWS::S3::BucketPolicy', constructs: ['DataLake', 'none'] }],
  };
  const rowsOf = (text: string) => text.split('\n').slice(2);

  test('counts rules: passed, explained, and about nothing that the construct makes', () => {
    const { aws } = pageOf(found);
    expect(aws.split('\n').filter((line) => /^\| \w+ \| \d/.test(line))).toEqual([
      '| Workspace | 1 / 0 / 3 |',
      '| DataLake | 1 / 2 / 1 |',
    ]);
    expect(rowsOf(summaryOf(found))).toEqual(['| Pack | 1 / 0 | 1 / 2 |']);
  });

  test('has every reason once, with its rules, and what nothing asks about', () => {
    const { reasons, unscanned } = pageOf(found);
    expect(rowsOf(reasons)).toEqual([
      `| AWS | DataLake | \`Logged\` (Pack)<br>\`Replicated\` (Pack) | regulated | ${REASON} |`,
    ]);
    expect(rowsOf(unscanned)).toEqual(['| AWS | DataLake | `AWS::S3::BucketPolicy` |']);
  });
});
