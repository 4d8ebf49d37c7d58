import { readdirSync, readFileSync, rmSync } from 'fs';
import { join } from 'path';

/** The stacks and reports in a folder, by path, which goes. */
export function takeFrom(folder: string): { readonly [path: string]: string } {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/|\.)report\.(html|md|json)$|\.template\.json$|cdk\.tf\.json$/.test(path),
  );
  try {
    return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
