import { cdk } from 'projen';

/** Every cloud that there is or will be: none imports another. */
const clouds = ['aws', 'google', 'azure', 'alibaba', 'ibm'];

/** The linter holds the layers: cloud → terraform → core, no cloud imports another, core imports no SDK, providers only by deep import. */
export function holdLayers(project: cdk.JsiiProject): void {
  const providers = {
    regex: '^@cdktf/provider-[^/]+(/lib(/index)?)?$',
    message: 'Import the module (…/lib/<resource>): the root costs 1.5 s and 450 MB.',
  };
  const restrict = (files: string[], patterns: { group?: string[]; regex?: string; message: string }[]) =>
    project.eslint?.addOverride({
      files,
      rules: {
        '@typescript-eslint/no-restricted-imports': ['error', { patterns: [providers, ...patterns] }],
      },
    });
  restrict(['src/**/*.ts', 'test/**/*.ts', 'examples/**/*.ts'], []);
  restrict(
    ['src/core/**/*.ts'],
    [
      {
        group: ['aws-cdk-lib', 'aws-cdk-lib/*', 'cdktf', 'cdktf/*', '@cdktf/*'],
        message: 'core knows no SDK.',
      },
      {
        group: ['terraform', ...clouds].flatMap((name) => [`**/${name}`, `**/${name}/**`]),
        message: 'core knows no cloud.',
      },
    ],
  );
  restrict(
    ['src/terraform/**/*.ts'],
    [
      {
        group: ['aws-cdk-lib', 'aws-cdk-lib/*', '@cdktf/provider-*', '@cdktf/provider-*/**'],
        message: 'terraform loads cdktf only.',
      },
      {
        group: clouds.flatMap((name) => [`**/${name}`, `**/${name}/**`]),
        message: 'terraform knows no cloud.',
      },
    ],
  );
  for (const cloud of clouds) {
    restrict(
      [`src/${cloud}/**/*.ts`],
      [
        {
          group: clouds
            .filter((other) => other !== cloud)
            .flatMap((other) => [`**/${other}`, `**/${other}/**`]),
          message: 'No cloud imports another.',
        },
        ...(cloud === 'aws'
          ? [
              {
                group: ['cdktf', 'cdktf/*', '@cdktf/*', '**/terraform/**'],
                message: 'aws never loads cdktf.',
              },
            ]
          : [{ group: ['aws-cdk-lib', 'aws-cdk-lib/*'], message: 'Only aws loads aws-cdk-lib.' }]),
      ],
    );
  }
  // The providers are vendored, so devDependencies; scripts/vendor-bindings.ts refuses any other package in lib.
  ['google', 'azure', 'projects'].forEach((folder) => project.eslint?.allowDevDeps(`**/src/${folder}/**`));
  // `src/index` is eager before compilation: a test that imports it loads every SDK.
  restrict(['test/**/*.ts'], [{ regex: '(^|/)src(/index)?$', message: 'Import ../src/<submodule>.' }]);
}
