import { basename } from 'path';
import { examplePrograms } from '../support/programs';

test('every program of the examples is walked', () => {
  const programs = examplePrograms();
  expect(programs.filter(({ clouds }) => clouds.length === 0).map(({ file }) => file)).toEqual([]);
  expect(programs.map(({ file }) => basename(file))).toEqual(
    expect.arrayContaining(['aws.ts', 'google.ts', 'azure.ts', 'app.ts']),
  );
});
