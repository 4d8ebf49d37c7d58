#!/usr/bin/env bash
# Packs the package and uses it as a stranger does, outside of this tree: a CDK app with nothing but the tarball,
# aws-cdk-lib and constructs, and Terraform apps with nothing but the tarball, cdktf and constructs.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

cd "$root"
npm pack --silent --ignore-scripts --pack-destination "$work" >/dev/null
tarball="$(ls "$work"/*.tgz)"
echo "packed: $(du -k "$tarball" | cut -f1) kB"

cd "$work"
cat > package.json <<JSON
{ "name": "consumer", "private": true }
JSON
npm install --no-audit --no-fund --loglevel=error "$tarball" \
  "aws-cdk-lib@$(node -p "require('$root/package.json').devDependencies['aws-cdk-lib']")" \
  "constructs@$(node -p "require('$root/package.json').devDependencies.constructs")" \
  "typescript@$(node -p "require('$root/node_modules/typescript/package.json').version")" \
  "@types/node@^20"
for package in cdktf @cdktf; do
  if [ -e "node_modules/$package" ]; then echo "a consumer of AWS got $package"; exit 1; fi
done

# The program is written for every cloud; a consumer of one has the types of one.
one_cloud() {
  sed -e "s/import type { aws, azure, google }/import type { $1 }/" \
    -e "s/typeof aws | typeof google | typeof azure/typeof $1/" "$root/examples/quickstart/platform.ts" > platform.ts
}
one_cloud aws
cp "$root/examples/quickstart/aws.ts" .
cat > subpath.ts <<'TS'
import { App } from 'aws-cdk-lib';
import { DataLake, PlatformStack } from 'cloud-ml-constructs/aws';
import { Capacity } from 'cloud-ml-constructs/core';

const stack = new PlatformStack(new App(), 'subpath');
const lake = new DataLake(stack, 'Lake', { zones: [{ name: 'raw' }] });
if (lake.zone('raw').zoneName !== 'raw' || Capacity.spot().kind !== 'spot') throw new Error('subpath entries');
TS
for resolution in node16 node10; do
  module=$([ "$resolution" = node16 ] && echo node16 || echo commonjs)
  npx tsc --strict --skipLibCheck --target es2022 --module "$module" --moduleResolution "$resolution" --outDir "out-$resolution" ./*.ts
done
node out-node16/subpath.js
CDK_OUTDIR="$work/cdk.out" node out-node16/aws.js
node - <<'JS'
const { readdirSync, readFileSync } = require('fs');
const types = new Set(
  readdirSync('cdk.out')
    .filter((file) => file.endsWith('.template.json'))
    .flatMap((file) => Object.values(JSON.parse(readFileSync(`cdk.out/${file}`, 'utf8')).Resources).map(({ Type }) => Type)),
);
const wanted = [
  'AWS::S3::Bucket',
  'AWS::StepFunctions::StateMachine',
  'AWS::SageMaker::ModelPackageGroup',
  'AWS::SageMaker::Endpoint',
  'AWS::Lambda::Function',
];
const missing = wanted.filter((type) => !types.has(type));
if (missing.length) throw new Error(`not synthesized: ${missing}`);
console.log(`consumer: ${types.size} resource types from the five constructs`);
JS

version_of() { node -p "require('$root/package.json').devDependencies['$1']"; }

# terraform_consumer FOLDER: a consumer with the dependencies of the package.json that FOLDER has, and TypeScript.
terraform_consumer() {
  cd "$work/$1"
  npm install --no-audit --no-fund --loglevel=error "$tarball" \
    "typescript@$(node -p "require('$root/node_modules/typescript/package.json').version")" \
    "@types/node@^20"
  for package in aws-cdk-lib @cdktf/provider-google @cdktf/provider-azurerm; do
    if [ -e "node_modules/$package" ]; then echo "a consumer of Terraform got $package"; exit 1; fi
  done
  for cloud in google azure; do
    one_cloud "$cloud"
    cp "$root/examples/quickstart/$cloud.ts" .
    npx tsc --strict --skipLibCheck --target es2022 --module node16 --moduleResolution node16 --outDir "out-$cloud" "$cloud.ts"
    CDKTF_OUTDIR="$PWD/cdktf.out.$cloud" node "out-$cloud/$cloud.js"
    test -s "cdktf.out.$cloud/stacks/foundation/cdk.tf.json" && test -s "cdktf.out.$cloud/stacks/serving/cdk.tf.json"
    echo "consumer: $cloud with $(node -p "const { name, version } = require('./node_modules/cdktf/package.json'); name + ' ' + version") and without a provider package"
  done
}

mkdir "$work/cdktf"
cat > "$work/cdktf/package.json" <<JSON
{
  "name": "consumer",
  "private": true,
  "dependencies": { "cdktf": "$(version_of cdktf)", "constructs": "$(version_of constructs)" }
}
JSON
terraform_consumer cdktf

# As the README says it: the successor of cdktf, by its name.
mkdir "$work/cdktn"
cat > "$work/cdktn/package.json" <<'JSON'
{
  "name": "consumer",
  "private": true,
  "dependencies": { "cdktf": "npm:cdktn@0.24.0", "constructs": "~10.7.0" },
  "overrides": { "cdktf": "$cdktf" }
}
JSON
terraform_consumer cdktn
test "$(node -p "require('./node_modules/cdktf/package.json').name")" = cdktn

# What both write is the same, but for what the one and the other say of themselves and how they lay it out.
node - <<'JS'
const { readFileSync } = require('fs');
const { deepEqual } = require('assert').strict;
const read = (folder, cloud, stack) => {
  const { '//': _, ...blocks } = JSON.parse(
    readFileSync(`${folder}/cdktf.out.${cloud}/stacks/${stack}/cdk.tf.json`, 'utf8'),
  );
  return blocks;
};
for (const cloud of ['google', 'azure']) {
  for (const stack of ['foundation', 'serving']) {
    deepEqual(read('.', cloud, stack), read('../cdktf', cloud, stack));
  }
}
console.log('consumer: cdktn synthesizes what cdktf does');
JS
