import { argumentsOf, look, NativeResource, Places, ruleOf } from '../../src/core/private/residency';

/** What an argument is called that may say where something lies, or where copies of it do. */
export const LIKE_A_PLACE = /(?<!al)locat|region|zone|replic|redundan|geo|residen/i;

const last = (path: string) => path.slice(path.lastIndexOf('.') + 1);

/** What lies elsewhere on purpose: a part of what is said of it. */
export type Elsewhere = readonly string[];

/** The table of a cloud knows every argument that may say a place, and nothing that is made strays from a region. */
export function stayInside(
  resources: NativeResource[],
  places: Places,
  region: string,
  elsewhere: Elsewhere = [],
): void {
  test('every argument that may say a place is in the table', () => {
    const unknown = resources.flatMap(({ type, body }) =>
      [...argumentsOf(body)]
        .filter(({ path, value }) => /string|boolean/.test(typeof value) && LIKE_A_PLACE.test(last(path)))
        .filter(({ path }) => ruleOf(places, type, path) === undefined)
        .map(({ path }) => `${type} ${path}`),
    );
    expect([...new Set(unknown)]).toEqual([]);
  });

  test('nothing strays from the region, and no place is left open', () => {
    const { strays, open } = look(resources, places, [region]);
    const told = strays.map(({ prop, stray: { message } }) => `${prop} ${message}`);
    expect(told.filter((one) => !elsewhere.some((part) => one.includes(part)))).toEqual([]);
    expect(elsewhere.filter((part) => !told.some((one) => one.includes(part)))).toEqual([]);
    expect(open).toEqual([]);
  });
}
