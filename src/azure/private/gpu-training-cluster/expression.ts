/** A text that is evaluated as one expression of a workflow's language. */
export const evaluated = (expression: string): string => `@${expression}`;

/** A text of a workflow that is taken as it stands, also where it looks like an expression. */
export const literal = (value: string): string => value.replace(/@\{/g, '@@{').replace(/^@(?!@\{)/, '@@');

/** A text inside of an expression. */
export const quoted = (value: string): string => `'${value.replace(/'/g, "''")}'`;
