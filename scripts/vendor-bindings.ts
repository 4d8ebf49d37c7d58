/**
 * Copies the prebuilt Terraform bindings that lib requires (devDependencies) into lib/bindings and points the requires
 * there, so that users need no `@cdktf/provider-*` package; writes the notices of their licence. Fails where lib would
 * need anything else that a user does not have.
 */
import * as fs from 'fs';
import { builtinModules } from 'module';
import { dirname, join, relative } from 'path';

const read = (file: string) => fs.readFileSync(file, 'utf8');

const write = (file: string, text: string) => {
  fs.mkdirSync(dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
};

const files = (dir: string, end: string) =>
  fs
    .readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(end))
    .map((file) => join(dir, file));

/** Refuses a file that requires a package outside of the allowed ones. */
function check(file: string, allowed: string[]): void {
  for (const [, id] of read(file).matchAll(/\brequire\("([^."][^"]*)"\)/g)) {
    if (!allowed.some((name) => `${id}/`.startsWith(`${name}/`))) {
      throw new Error(`${file}: requires '${id}', which is no dependency`);
    }
  }
}

export function vendorBindings(root: string): void {
  const lib = join(root, 'lib');
  const bindings = join(lib, 'bindings');
  const own = (end: string) => files(lib, end).filter((file) => !file.startsWith(bindings));
  const { dependencies, peerDependencies } = JSON.parse(read(join(root, 'package.json')));
  const installed = [...builtinModules, ...Object.keys({ ...dependencies, ...peerDependencies })];

  // The requires, also those that an earlier run pointed at the copies.
  const binding = /\brequire\("(?:@cdktf\/provider-([\w-]+)\/lib|[./]+\/bindings\/([\w-]+))\/([\w-]+)"\)/g;
  const used = new Map<string, Set<string>>();
  for (const file of own('.js')) {
    const to = relative(dirname(file), bindings);
    const pointed = read(file).replace(binding, (_, first, again, module) => {
      const provider = first ?? again;
      used.set(provider, (used.get(provider) ?? new Set()).add(module));
      return `require("${to.startsWith('.') ? to : `./${to}`}/${provider}/${module}")`;
    });
    write(file, pointed);
    // Only who makes a project loads what makes it, and has projen then.
    check(file, file.startsWith(join(lib, 'projects')) ? [...installed, 'projen'] : installed);
  }

  fs.rmSync(bindings, { recursive: true, force: true });
  const notices = [...used.keys()].sort().map((provider) => {
    const from = join(root, 'node_modules', '@cdktf', `provider-${provider}`);
    const { name, version } = JSON.parse(read(join(from, 'package.json')));
    const origin = `${name} ${version}, https://github.com/cdktf/cdktf-provider-${provider}/tree/v${version}`;
    for (const source of [...used.get(provider)!].flatMap((module) =>
      files(join(from, 'lib', module), '.js'),
    )) {
      const copy = join(bindings, provider, relative(join(from, 'lib'), source));
      write(copy, `/*! Copyright (c) HashiCorp, Inc. SPDX-License-Identifier: MPL-2.0. From ${origin} */\n`);
      fs.appendFileSync(copy, stripped(source));
      check(copy, ['cdktf', 'constructs']);
    }
    write(join(bindings, provider, 'LICENSE'), read(join(from, 'LICENSE')));
    return `
lib/bindings/${provider} (licence text: lib/bindings/${provider}/LICENSE)
  Copyright (c) HashiCorp, Inc.
  Source: ${origin}
`;
  });
  write(
    join(root, 'THIRD-PARTY-NOTICES'),
    notices.length === 0
      ? 'None.\n'
      : `Compiled from sources under the Mozilla Public License 2.0 and still under that licence;
changed only by removing comments, indentation, jsii type tags and source maps:
${notices.join('')}`,
  );
}

/**
 * A module without source maps, without the type tags of jsii assemblies that users do not have, and without comments and
 * indentation, which are a quarter of what every user would install.
 */
function stripped(file: string): string {
  const code = read(file)
    .replace(/^_\w+ = JSII_RTTI_SYMBOL_1;\n.*\[_\w+\] = \{ fqn: .*\n/gm, '')
    .replace(/^(const JSII_RTTI_SYMBOL_1 = |\/\/# sourceMappingURL=).*(\n|$)/gm, '')
    .replace(/^[ \t]*\/\*\*[^]*?\*\/\n/gm, '')
    .replace(/^[ \t]*\/\/.*\n/gm, '');
  if (/JSII_RTTI|jsii\.rtti/.test(code)) {
    throw new Error(`${file}: cannot remove jsii's type tags`);
  }
  if (/`[^`]*\n[^`]*`/.test(code)) {
    throw new Error(`${file}: a text of several lines keeps its indentation`);
  }
  return code.replace(/^[ \t]+/gm, '');
}
