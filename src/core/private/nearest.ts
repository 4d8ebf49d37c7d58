/** The names closest to what was written, best first; none that is not close at all. */
export function nearest(written: string, names: readonly string[], most = 3): string[] {
  const normal = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const target = normal(written);
  return names
    .map((name) => ({ name, distance: distance(target, normal(name)) }))
    .filter((candidate) => candidate.distance <= Math.max(2, target.length / 2))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name, 'en'))
    .slice(0, most)
    .map((candidate) => candidate.name);
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    row = row.reduce<number[]>(
      (next, above, j) => [
        ...next,
        j === 0 ? i : Math.min(above + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)),
      ],
      [],
    );
  }
  return row[b.length];
}
