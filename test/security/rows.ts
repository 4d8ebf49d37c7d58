/** What deployments need is known of every type that is made, and of no other. */
export function cover(rows: { readonly [type: string]: unknown }, types: string[]): void {
  describe('deploy permissions', () => {
    const made = new Set(types);
    test('are known of every type that is made', () => {
      expect([...made].filter((type) => !(type in rows)).sort()).toEqual([]);
      expect(made.size).toBeGreaterThan(40);
    });

    test('have no row of a type that nothing is made of', () => {
      expect(Object.keys(rows).filter((type) => !made.has(type))).toEqual([]);
    });
  });
}
