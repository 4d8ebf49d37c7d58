import { readFileSync, writeFileSync } from 'fs';
import { join, relative } from 'path';
import { App, aws_iam as iam, CfnResource, Lazy, Stack, Stage } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Synthesized } from './names';
import { statementsOf, unknownTypesOf } from './statements';
import { nameOfScope, reportDeployIdentity, told } from '../../../core/private/deploy-permissions';

/** Characters that a managed policy may have, less its frame. */
const POLICY_CHARACTERS = 6000;
/** What a region, an account or a partition resolves to, at most. */
const TOKEN_CHARACTERS = 14;

const sizeOf = (statement: iam.PolicyStatement): number =>
  JSON.stringify(statement.toStatementJson()).replace(/\$\{Token\[[^\]]*\]\}/g, '_'.repeat(TOKEN_CHARACTERS))
    .length;

/** As many documents as the size limit of managed policies asks for. */
export function documentsOf(statements: iam.PolicyStatement[]): iam.PolicyDocument[] {
  const documents: { statements: iam.PolicyStatement[]; size: number }[] = [];
  for (const statement of statements) {
    const size = sizeOf(statement);
    const room = documents.find((one) => one.size + size <= POLICY_CHARACTERS);
    if (room) {
      room.statements.push(statement);
      room.size += size;
    } else {
      documents.push({ statements: [statement], size });
    }
  }
  return documents.map((document) => new iam.PolicyDocument({ statements: document.statements }));
}

/** A template of managed policies, which works in any account and region that the scope's stacks do not name. */
export function policyTemplate(scope: IConstruct, synthesized?: Synthesized): string {
  const documents = documentsOf(statementsOf(scope, synthesized));
  const stack = scope.node.findAll().find((one) => CfnResource.isCfnResource(one) || Stack.isStack(one));
  const ids = documents.map((_, i) => `DeployPolicy${i + 1}`);
  return JSON.stringify({
    Description: `What the deployment of ${nameOfScope(scope)} needs`,
    Resources: Object.fromEntries(
      documents.map((document, i) => [
        ids[i],
        {
          Type: 'AWS::IAM::ManagedPolicy',
          Properties: { PolicyDocument: Stack.of(stack!).resolve(document) },
        },
      ]),
    ),
    Outputs: { PolicyArns: { Value: { 'Fn::Join': [',', ids.map((id) => ({ Ref: id }))] } } },
  });
}

export const fileOf = (scope: IConstruct): string =>
  `${Stack.isStack(scope) ? scope.artifactId : nameOfScope(scope)}.deploy-policy.json`;

/** The command that makes the policies of a template. */
export const deployPolicy = (scope: IConstruct, file: string): string =>
  `aws cloudformation deploy --template-file ${file} --stack-name ${nameOfScope(scope)}-deploy-policy --capabilities CAPABILITY_IAM`;

/** Lets a stack write what its deployment needs beside its template, and report the command that uses it. */
export function tellDeployPolicy(stack: Stack): void {
  const { synthesizer } = stack;
  const synthesize = synthesizer.synthesize.bind(synthesizer);
  synthesizer.synthesize = (session) => {
    synthesize(session);
    const template = JSON.parse(readFileSync(join(session.outdir, stack.templateFile), 'utf8'));
    writeFileSync(join(session.outdir, fileOf(stack)), policyTemplate(stack, { stack, template }));
  };
  reportDeployIdentity(
    stack,
    Lazy.string({
      produce: () => {
        const file = join('cdk.out', folderOf(stack), fileOf(stack));
        return told(deployPolicy(stack, file), unknownTypesOf(stack));
      },
    }),
  );
}

/** The folder of a stack's stage below that of the app. */
function folderOf(stack: Stack): string {
  const [app, stage] = [App.of(stack), Stage.of(stack)];
  return app && stage ? relative(app.outdir, stage.outdir) : '';
}
