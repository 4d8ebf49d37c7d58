import { IAspect, TerraformResource, TerraformStack } from 'cdktf';
import { IConstruct } from 'constructs';
import { providerOf } from './judge';
import { literal, record, Rule, text } from '../../core/private/schema';
import { isToken } from '../../core/private/tokens';
import { configurationOf } from '../../terraform/generic';

type Labels = Readonly<Record<string, string>>;

/** The labels of everything in the stack of a construct that takes labels: those of its provider. */
export function stackLabels(construct: IConstruct): Labels {
  const { default_labels: labels } = configurationOf(providerOf(TerraformStack.of(construct)));
  // What only deployment knows as a whole cannot be handed on.
  return typeof labels === 'object' && labels !== null && !isToken(labels) ? (labels as Labels) : {};
}

/** Puts labels on the resources that take them, over those of the provider. */
export class Labelling implements IAspect {
  constructor(private readonly labels: Labels) {}

  public visit(node: IConstruct): void {
    if (TerraformResource.isTerraformResource(node) && 'labelsInput' in node) {
      const resource = node as unknown as { labels: Labels; readonly labelsInput?: Labels };
      resource.labels = { ...resource.labelsInput, ...this.labels };
    }
  }
}

/** A text as the value of a label. */
export const labelValue = (value: string): string =>
  value
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '-')
    .slice(0, 63);

export const LABELS: Rule = record(
  text({ pattern: /^[a-z0-9_-]{0,63}$/, means: "lower-case letters, digits, '_' and '-', at most 63" }),
  {
    keys: /^[a-z][a-z0-9_-]{0,62}$/,
    means: "lower-case letters, digits, '_' and '-', at most 63, first a letter",
  },
);

export const PROJECT: Rule = literal(
  text({
    pattern: /^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
    means: 'the id of a project: lower-case letters, digits and -, 6 to 30 characters, first a letter',
  }),
);
