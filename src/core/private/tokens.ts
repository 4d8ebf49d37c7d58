/** How aws-cdk-lib (`${Token[…]}`) and cdktf (`${TfToken[…]}`) encode a text known only later; it may be part of one. */
const ENCODED = /[$#]\{(Tf)?Token\[[^\]]*\]\}/;
/** The one element of a list known only later. */
const ENCODED_LIST = /^#\{(Tf)?Token\[[^\]]*\]\}$/;
/** The one key by which cdktf encodes a map. */
const ENCODED_MAP = /^&\{TfToken\[[^\]]*\]\}$/;
/** Both engines encode numbers far below any a prop could mean. */
const ENCODED_NUMBERS_BELOW = -1e280;

const isListToken = (value: unknown[]) =>
  value.length === 1 && typeof value[0] === 'string' && ENCODED_LIST.test(value[0]);

const isObjectToken = (value: object) =>
  typeof (value as { resolve?: unknown }).resolve === 'function' ||
  ENCODED_MAP.test(Object.keys(value).join());

/**
 * Whether a value is, or contains, something that only deployment knows. Such values are passed on unjudged.
 */
export function isToken(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return ENCODED.test(value);
    case 'number':
      return Number.isFinite(value) && value < ENCODED_NUMBERS_BELOW;
    case 'object':
      return Array.isArray(value) ? isListToken(value) : value !== null && isObjectToken(value);
    default:
      return false;
  }
}
