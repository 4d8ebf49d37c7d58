/** How cdktf encodes what only deployment knows. */
const TOKEN = /(\$\{TfToken\[[^\]]*\]\})/;

/**
 * Text of users as Terraform takes it literally: `${` and `%{` are escaped, what cdktf encodes stays. Lists and objects
 * are escaped all through, keys too; whatever a user wrote passes here once on its way into a resource.
 */
export function text<T>(value: T): T {
  return escaped(value) as T;
}

function escaped(value: unknown): unknown {
  if (typeof value === 'string') {
    return value
      .split(TOKEN)
      .map((part, i) => (i % 2 === 1 ? part : part.replace(/([$%])\{/g, '$1$1{')))
      .join('');
  }
  if (Array.isArray(value)) {
    return value.map(escaped);
  }
  return isPlain(value)
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [escaped(key), escaped(one)]))
    : value;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
