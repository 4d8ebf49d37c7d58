import { TerraformOutput } from 'cdktf';
import { Construct } from 'constructs';
import { newApp, refusal, synthesizedStack, TestStack } from './support';
import { DeployParameter } from '../../src/core';
import { numberValue, textValue } from '../../src/terraform/deploy-parameter';

test('a parameter is one variable of each stack that uses it', () => {
  const { json } = synthesizedStack((stack) => {
    const [one, other] = ['One', 'Other'].map((id) => new Construct(stack, id));
    const version = () => DeployParameter.of('FraudVersion', '7');
    new TerraformOutput(stack, 'Texts', {
      value: [textValue(one, version()), textValue(other, version()), textValue(other, 'as it is')],
    });
    new TerraformOutput(stack, 'Numbers', {
      value: [numberValue(one, DeployParameter.ofNumber('Most', 4)), numberValue(one, 2)],
    });
  });
  expect(json.variable).toEqual({
    FraudVersion: {
      type: 'string',
      default: '7',
      nullable: false,
      description: 'Given at deployment by the platform',
      validation: [
        {
          condition: '${can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$", var.FraudVersion))}',
          error_message:
            'Letters, digits, dots, underscores and hyphens, at most 128, first a letter or digit.',
        },
      ],
    },
    Most: {
      type: 'number',
      default: 4,
      nullable: false,
      description: 'Given at deployment by the platform',
    },
  });
  expect(json.output.Texts.value).toEqual(['${var.FraudVersion}', '${var.FraudVersion}', 'as it is']);
  expect(json.output.Numbers.value).toEqual(['${var.Most}', 2]);
});

test('the same name with another default, or taken by something else, is refused', () => {
  const stack = new TestStack(newApp(), 'platform');
  new Construct(stack, 'Lake');
  textValue(stack, DeployParameter.of('Version', '1'));
  refusal(() => textValue(stack, DeployParameter.of('Version', '2')), 'CMC-014');
  refusal(() => numberValue(stack, DeployParameter.ofNumber('Version', 1)), 'CMC-014');
  refusal(() => textValue(stack, DeployParameter.of('Lake', '1')), 'CMC-014');
});
