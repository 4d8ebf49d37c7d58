import { readFileSync } from 'fs';
import { join } from 'path';
import { Entry, Finding, judged } from '../../scripts/checkov/baseline';

const FINDING: Finding = {
  check: 'CKV_GCP_62',
  name: 'Bucket should log access',
  resource: 'google_storage_bucket MlAccessLogs/Bucket',
  stack: 'everything/regulated/foundation',
};
const entry = (props: Partial<Entry> = {}): Entry => ({
  check: 'CKV_GCP_62',
  on: ['google_storage_bucket MlAccessLogs/*'],
  because: 'It cannot log to itself.',
  ...props,
});

test('a finding with a reason stands', () => {
  expect(judged([FINDING], [entry()])).toEqual({ found: [], stale: [] });
});

test.each([
  ['another check', entry({ check: 'CKV_GCP_78' }), 'CKV_GCP_78 on google_storage_bucket MlAccessLogs/*'],
  [
    'another resource',
    entry({ on: ['google_storage_bucket Lake/*'] }),
    'CKV_GCP_62 on google_storage_bucket Lake/*',
  ],
  [
    'a part of the name',
    entry({ on: ['google_storage_bucket MlAccess'] }),
    'CKV_GCP_62 on google_storage_bucket MlAccess',
  ],
  [
    'stacks of another profile',
    entry({ except: ['*/regulated/*'] }),
    'CKV_GCP_62 on google_storage_bucket MlAccessLogs/*',
  ],
])('a reason for %s is stale, and the finding is found', (_, other, stale) => {
  expect(judged([FINDING], [other])).toEqual({ found: [FINDING], stale: [stale] });
});

test('of several patterns each must cover something', () => {
  const two = entry({ on: ['google_storage_bucket MlAccessLogs/*', 'google_storage_bucket Lake/*'] });
  expect(judged([FINDING], [two])).toEqual({
    found: [],
    stale: ['CKV_GCP_62 on google_storage_bucket Lake/*'],
  });
});

test.each(['aws', 'google', 'azure'])(
  'every entry of %s has a reason in a sentence, and is there once',
  (cloud) => {
    const entries: Entry[] = JSON.parse(
      readFileSync(join(__dirname, '..', '..', 'scripts', 'checkov', `${cloud}.json`), 'utf8'),
    );
    expect(entries.filter(({ because }) => !/^[A-Z].{20,}\.$/.test(because))).toEqual([]);
    const keys = entries.flatMap(({ check, on }) => on.map((pattern) => `${check} ${pattern}`));
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  },
);
