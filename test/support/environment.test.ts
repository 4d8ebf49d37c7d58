import { readFileSync } from 'fs';
import { aws_s3 as s3, CfnResource } from 'aws-cdk-lib';
import { platform } from '../aws/support';

/** What an app with a bucket that has these properties says at synthesis. */
function faultOf(properties: Record<string, unknown>): string {
  const { app, stack } = platform();
  const bucket = new s3.Bucket(stack, 'Bucket').node.defaultChild as CfnResource;
  Object.entries(properties).forEach(([name, value]) => bucket.addPropertyOverride(name, value));
  try {
    app.synth();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

test('every template is validated, by one engine', () => {
  expect(faultOf({})).toBe('');
  expect(faultOf({ BucketEncryption: 'wanted' })).toContain("'wanted' is not of type 'object'");
  expect(faultOf({ NotAProperty: true })).toContain('NotAProperty');
  expect(faultOf({})).toBe('');
});

test('the stack of an error leads to the line of the source', () => {
  const [, line] = /environment\.test\.ts:(\d+)/.exec(new Error('here').stack!)!;
  expect(readFileSync(__filename, 'utf8').split('\n')[Number(line) - 1]).toContain("new Error('here')");
});

test('what asks for a stack without an error gets frames', () => {
  const asked = { stack: '' };
  Error.captureStackTrace(asked);
  expect(asked.stack.split('\n')[1]).toMatch(/^ {4}at .*environment\.test\.ts:\d+/);
});
