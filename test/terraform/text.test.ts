import { TerraformOutput, TerraformVariable } from 'cdktf';
import * as fc from 'fast-check';
import { outputsOf, synthesizedStack, testWithTerraform } from './support';
import { text } from '../../src/terraform/text';

test('texts of users are taken literally', () => {
  expect(text('torchrun --node_rank ${RANK} %{if} $HOME 100%')).toBe(
    'torchrun --node_rank $${RANK} %%{if} $HOME 100%',
  );
});

test('lists, objects and their keys are escaped all through; other values stay', () => {
  class Value {}
  const value = new Value();
  expect(text({ '${a}': ['${b}', 1, true, null, undefined, { c: '%{d}' }], value })).toEqual({
    '$${a}': ['$${b}', 1, true, null, undefined, { c: '%%{d}' }],
    value,
  });
});

test('what cdktf encodes stays, also in the midst of text', () => {
  const { json } = synthesizedStack((stack) => {
    const variable = new TerraformVariable(stack, 'Zone', { type: 'string' });
    new TerraformOutput(stack, 'Command', { value: text(`cp ${variable.stringValue}/\${FILE} .`) });
  });
  expect(json.output.Command.value).toBe('cp ${var.Zone}/$${FILE} .');
});

testWithTerraform('Terraform reads every text as it was written', () => {
  const piece = fc.oneof(
    fc.constantFrom('$', '%', '{', '}', '${', '%{', '$${', '%%{', '"', '\\', '\n', '~', '${x}', '%{ if x }'),
    fc.string({ unit: 'grapheme' }),
  );
  const texts = fc.sample(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
    { numRuns: 500, seed: 7 },
  );
  const outputs = outputsOf({
    output: Object.fromEntries(texts.map((one, i) => [`t${i}`, { value: text(one) }])),
  });
  // Terraform normalizes to NFC.
  expect(texts.map((_, i) => outputs[`t${i}`])).toEqual(texts.map((one) => one.normalize('NFC')));
});
