import { literal, record, Rule, text } from '../../core/private/schema';

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
