import { App } from 'aws-cdk-lib';
import * as ember from './dummies/ember';
import { codesOf, refusalsOf } from './dummies/shared';
import * as core from '../../src/core';
import {
  datasetVariables,
  downloadedGiB,
  planDatasets,
  refuseModes,
  tellDatasets,
} from '../../src/core/private/datasets';
import { Faults, judgeValue } from '../../src/core/private/faults';
import { reportOf } from '../../src/core/private/report';

const { URI, DOWNLOAD, MOUNT } = core.DatasetMode;
const stack = new ember.PlatformStack(new App(), 'platform', { realm: 'north' });
const lake = new ember.DataLake(stack, 'Lake', { zones: [{ name: 'raw' }, { name: 'gold-2026' }] });
const raw = lake.zone('raw');
const plan = (...datasets: (core.IDataset | core.TrainingDataset)[]) =>
  judgeValue('Here', (faults) => planDatasets(datasets, faults));

describe('datasets of a cluster', () => {
  test('are the zones of a lake, by URI where nothing else was said', () => {
    expect(plan(lake)).toEqual([
      { name: 'raw', uri: raw.uri, mode: URI, data: raw, prop: 'datasets[0]' },
      {
        name: 'gold-2026',
        uri: lake.uris['gold-2026'],
        mode: URI,
        data: lake.zone('gold-2026'),
        prop: 'datasets[0]',
      },
    ]);
    expect(plan()).toEqual([]);
    expect(judgeValue('Here', (faults) => planDatasets(undefined, faults))).toEqual([]);
  });

  test('have a mode each, a lake the same for all its zones', () => {
    expect(plan({ data: lake, mode: MOUNT }).map(({ name, mode }) => [name, mode])).toEqual([
      ['raw', MOUNT],
      ['gold-2026', MOUNT],
    ]);
    expect(plan({ data: raw }).map(({ mode }) => mode)).toEqual([URI]);
  });

  test('are found by variables: a URI each, and a folder where they are files', () => {
    const plans = plan({ data: raw, mode: DOWNLOAD }, lake.zone('gold-2026'));
    expect(datasetVariables(plans, ({ name }) => `/data/${name}`)).toEqual({
      DATASET_RAW_URI: raw.uri,
      DATASET_RAW_DIR: '/data/raw',
      DATASET_GOLD_2026_URI: lake.uris['gold-2026'],
    });
    expect(Object.keys(datasetVariables(plans))).toEqual(['DATASET_RAW_URI', 'DATASET_GOLD_2026_URI']);
  });

  test('are found by a name of their own, so that two folders of a zone go together', () => {
    const plans = plan(raw, { data: raw.folder('images'), name: 'images' });
    expect(datasetVariables(plans)).toEqual({
      DATASET_RAW_URI: raw.uri,
      DATASET_IMAGES_URI: `${raw.uri}images/`,
    });
  });

  test.each<[string, () => unknown, string]>([
    [
      'one zone twice',
      () => plan(lake, raw),
      "Here: datasets[1] brings a second dataset 'raw'; jobs find datasets by name: give single zones (lake.zone('…')), call one { data, name }, or name the zones differently [CMC-007]",
    ],
    [
      'a zone and its folder',
      () => plan(raw, raw.folder('a')),
      expect.stringMatching(/datasets\[1\] brings a second dataset 'raw'.*CMC-007/),
    ],
    [
      'two names that make one variable',
      () =>
        plan(
          { data: raw, name: 'a-b' },
          { data: raw.folder('a'), name: 'ab' },
          { data: raw.folder('b'), name: 'a-b' },
        ),
      expect.stringMatching(/datasets\[2\] brings a second dataset 'a-b'.*CMC-007/),
    ],
    [
      'a name for a whole lake',
      () => plan({ data: lake, name: 'all' }),
      "Here: datasets[0].name cannot call a whole lake, whose zones have names: give single zones (lake.zone('…')) [CMC-008]",
    ],
    [
      'a size of what takes no disk',
      () => plan({ data: raw, mode: MOUNT, sizeGiB: 5 }),
      'Here: datasets[0].sizeGiB needs mode DOWNLOAD, which alone takes disk [CMC-009]',
    ],
  ])('%s is refused', (_, run, message) => {
    expect(refusalsOf(run)).toEqual([message]);
  });

  test('say what an engine has not once for each, with the way out', () => {
    const faults = new Faults();
    const plans = planDatasets([{ data: lake, mode: DOWNLOAD }], faults);
    refuseModes(plans, 'This engine', { [DOWNLOAD]: 'take MOUNT' }, faults);
    expect(refusalsOf(() => faults.throwIfAny('Here'))).toEqual([
      'Here: datasets[0].mode is DOWNLOAD, which This engine has not: take MOUNT [CMC-040]',
    ]);
  });

  test('tell how jobs see them, and what downloads take', () => {
    const scope = new ember.PlatformStack(new App(), 'told', { realm: 'north' });
    const plans = plan(
      { data: raw, mode: DOWNLOAD, sizeGiB: 40 },
      { data: lake.zone('gold-2026'), mode: MOUNT },
      { data: raw.folder('c'), name: 'cc' },
    );
    tellDatasets(scope, plans, 'the disk');
    expect(reportOf(scope).map(({ entry: { title, text } }) => `${title}: ${text}`)).toEqual([
      'Dataset raw: Copied to the disk before the program starts: machines bill meanwhile.',
      'Dataset gold-2026: Mounted: files are read from the store as the program asks for them.',
    ]);
    expect(downloadedGiB(plans)).toBe(40);
  });
});

describe('a folder of a zone', () => {
  test('is data by itself, by the name of the zone, and made once', () => {
    const folder = raw.folder('team-a/images');
    expect(folder.folderPath).toBe('team-a/images/');
    expect(folder.uri).toBe(`${raw.uri}team-a/images/`);
    expect(folder.uris).toEqual({ raw: folder.uri });
    expect(folder.zoneName).toBe('raw');
    expect(raw.folder('team-a/images/')).toBe(folder);
    expect(raw.folder('team-a:images'.replace(':', '/'))).toBe(folder);
    expect(raw.folder('team-a')).not.toBe(folder);
    expect(folder.node.path).toBe('platform/Lake/Zone-raw/Folder-team-a:images');
  });

  test.each(['a', 'A_1', 'year=2026/month=01', '_delta_log', 'a.b-c/d', 'x'.repeat(256)])(
    'may be %s',
    (path) => {
      expect(raw.folder(path).folderPath).toBe(`${path}/`);
    },
  );

  test.each([
    ['nothing', ''],
    ['a slash', '/'],
    ['a path from the root', '/team-a'],
    ['an empty name', 'a//b'],
    ['two slashes at the end', 'a//'],
    ['the folder above', '..'],
    ['a way up', 'team-a/../team-b'],
    ['a way up that is hidden', 'team-a/..b'],
    ['the folder itself', 'a/./b'],
    ['a hidden file', '.ssh'],
    ['a wildcard', 'team-*'],
    ['one of any character', 'team-?'],
    ['a variable of a policy', 'home/${aws:username}'],
    ['an expression of Terraform', '%{ if true }'],
    ['a quote', "a' OR '1"],
    ['a double quote', 'a") || true || ("'],
    ['a backslash', 'a\\b'],
    ['a space', 'team a'],
    ['a colon', 'a:b'],
    ['an option of a shell', '-rf'],
    ['an address', 's3://bucket/a'],
    ['percent', 'a%2Fb'],
    ['letters of other scripts', 'å'],
    ['more than a path may have', 'x'.repeat(257)],
  ])('may not be %s', (_, path) => {
    const before = raw.node.children.length;
    expect(codesOf(() => raw.folder(path))).toEqual(['CMC-006']);
    expect(raw.node.children).toHaveLength(before);
  });

  test('is known to the program', () => {
    const path = '${Token[TOKEN.12]}';
    expect(codesOf(() => raw.folder(path))).toEqual(['CMC-015']);
    expect(codesOf(() => raw.folder(undefined as never))).toEqual(['CMC-002']);
    expect(codesOf(() => raw.folder(7 as never))).toEqual(['CMC-003']);
    expect(() => raw.folder('a\nb')).toThrow(/path \('a\nb'\) must be names of folders.*\[CMC-006\]$/s);
  });
});
