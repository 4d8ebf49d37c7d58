import { mkdirSync, writeFileSync } from 'fs';
import { join } from 'path';
import { CloudUnderTest, Contract } from './contract';
import { CONTRACTS } from './contracts';
import { isValidationError } from '../../src/core/private/faults';

/**
 * Runs every promise on one cloud, and writes what holds to coverage/contract/<cloud>.json, which the support matrix is
 * made from.
 */
export function runContract(cloud: CloudUnderTest, contracts: Contract[] = CONTRACTS): void {
  const cells: { construct: string; promise: string; holds: boolean; instead?: string }[] = [];
  for (const { construct, promises } of contracts) {
    describe(construct, () => {
      for (const { title, check } of promises) {
        const lacking = cloud.lacks[title];
        test(`${title}${lacking ? ' – an error here' : ''}`, async () => {
          if (!lacking) {
            await check(cloud);
            cells.push({ construct, promise: title, holds: true });
            return;
          }
          const message = await refusal(() => check(cloud));
          expect(message).toMatch(lacking);
          cells.push({ construct, promise: title, holds: false, instead: message });
        });
      }
    });
  }
  test('what the cloud lacks is said of promises that there are', () => {
    const titles = contracts.flatMap(({ promises }) => promises.map(({ title }) => title));
    expect(titles).toEqual(expect.arrayContaining(Object.keys(cloud.lacks)));
    expect(new Set(titles).size).toBe(titles.length);
  });
  afterAll(() => {
    const folder = join(__dirname, '..', '..', 'coverage', 'contract');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${cloud.name}.json`), `${JSON.stringify(cells, null, 2)}\n`);
  });
}

async function refusal(call: () => void | Promise<void>): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (isValidationError(error)) {
      return error.message;
    }
    throw error;
  }
  throw new Error('the promise holds: take it out of what the cloud lacks');
}
