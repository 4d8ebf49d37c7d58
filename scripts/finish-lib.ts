/**
 * Post-compile step: makes every index load a file at the first use of what it exports, so that nobody pays for an SDK,
 * or a part of one, that they do not use; and copies the data files that jsii leaves behind.
 */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { createRequire } from 'module';
import { join } from 'path';

const root = join(__dirname, '..');
const lib = join(root, 'lib');

/** A property that loads at its first use and is a plain value from then on. */
const lazily = (name: string, value: string) =>
  `Object.defineProperty(exports, "${name}", { enumerable: true, configurable: true, get: () => { const value = ${value}; ` +
  `Object.defineProperty(exports, "${name}", { enumerable: true, configurable: true, value }); return value; } });`;

/** Rewrites what tsc makes of `export *`; fails where it makes something else of it. */
function lazify(index: string): void {
  const text = readFileSync(index, 'utf8');
  const lazy = text
    .replace(/^exports\.(\w+) = __importStar\(require\("([^"]+)"\)\);$/gm, (_, name, path) =>
      lazily(name, `require("${path}")`),
    )
    .replace(/^__exportStar\(require\("([^"]+)"\), exports\);$/gm, (_, path) =>
      Object.keys(createRequire(index)(path))
        .map((name) => lazily(name, `require("${path}").${name}`))
        .join('\n'),
    );
  if (lazy === text || /^(exports\.\w+ = )?__\w+\(require/m.test(lazy)) {
    throw new Error(`${index}: cannot make its exports lazy`);
  }
  writeFileSync(index, lazy);
}

for (const submodule of readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  lazify(join(lib, submodule.name, 'index.js'));
}
lazify(join(lib, 'index.js'));

const data = join('core', 'private', 'accelerators.json');
cpSync(join(root, 'src', data), join(lib, data));
