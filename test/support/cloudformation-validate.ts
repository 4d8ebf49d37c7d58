/** aws-cdk-lib's validator of templates, as `environment.ts` shares it between test files. */
export = (globalThis as any)[Symbol.for('cloudformation-validate')]();
