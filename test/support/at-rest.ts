import { AT_REST, Kept, Kind, rowOf } from '../../scripts/compliance/at-rest';

/** Something that a program has a service keep. */
export interface AtRest {
  readonly type: string;
  /** Where it is, for whoever has to mend it. */
  readonly at: string;
  /** Whether its schema has an argument for a key of the customer. */
  readonly takesKey: boolean;
  readonly hasKey: boolean;
}

/** Whether an argument is for a key of the customer, in whichever case it is written. */
export const isKeyArgument = (name: string): boolean =>
  /kms\w*key|cmek|customermanagedkey|keyvault(key|properties)|cryptokeyname|encryptionkey$|diskencryptionset/.test(
    name.toLowerCase().replace(/_/g, ''),
  );

/** An answer for each type, looked up once. */
export function remembered<T>(answer: (type: string) => T): (type: string) => T {
  const answers = new Map<string, T>();
  return (type) => {
    if (!answers.has(type)) {
      answers.set(type, answer(type));
    }
    return answers.get(type)!;
  };
}

/** What is not as the table has it: something without a key, or with one in spite of a reason. */
export const faultsIn = (cloud: string, all: readonly AtRest[]): string[] =>
  all.flatMap(({ type, at, takesKey, hasKey }) => {
    const row = rowOf(cloud, type, at);
    const fault =
      !row && takesKey
        ? 'takes a key, and the table does not say what it keeps'
        : row && !row.because && !hasKey
          ? 'has no key, and the table no reason'
          : row?.because && hasKey
            ? 'has a key: the reason is stale'
            : undefined;
    return fault ? [`${type} ${at}: ${fault}`] : [];
  });

/** Rows of what nothing is made of. */
export const staleRows = (cloud: string, all: readonly AtRest[]): Kept[] => {
  const used = new Set(all.map(({ type, at }) => rowOf(cloud, type, at)));
  return AT_REST[cloud].filter((row) => !used.has(row));
};

/** What kinds of things are kept. */
export const kindsIn = (cloud: string, all: readonly AtRest[]): Kind[] => [
  ...new Set(all.flatMap(({ type, at }) => rowOf(cloud, type, at)?.keeps ?? [])),
];

/** Whether an argument for a key somewhere in a resource names one of the customer. */
export function namesKey(body: unknown, isCustomers: (value: unknown) => boolean): boolean {
  if (typeof body !== 'object' || body === null) {
    return false;
  }
  return Object.entries(body).some(
    ([name, value]) => (isKeyArgument(name) && isCustomers(value)) || namesKey(value, isCustomers),
  );
}

/** Tests of everything that a cloud's constructs have services keep under REGULATED. */
export function keptWithKeys(cloud: string, all: readonly AtRest[]): void {
  describe('under REGULATED', () => {
    test('all that services keep has a key of the customer, or a reason', () => {
      expect(faultsIn(cloud, all)).toEqual([]);
    });

    test('the schemas know every argument that a key is given by', () => {
      const inSchemas = all.filter(({ type }) => /^(AWS::|google_|azurerm_)/.test(type));
      expect(inSchemas.filter((one) => one.hasKey && !one.takesKey)).toEqual([]);
    });

    test('no row is of what nothing keeps, and reasons are sentences', () => {
      expect(staleRows(cloud, all)).toEqual([]);
      const reasons = AT_REST[cloud].flatMap(({ because }) => because ?? []);
      expect(reasons.filter((one) => !/^[A-Z].{20,}\.$/.test(one))).toEqual([]);
    });
  });
}
