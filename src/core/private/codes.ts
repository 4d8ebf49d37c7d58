/** The stable codes of `ValidationError`: what is wrong and the way out. Never reuse or renumber one. */
export const CODES = {
  'CMC-001': {
    cause: 'unknown key',
    fix: 'Check the spelling. In Python an unknown key is a TypeError before it comes here.',
  },
  'CMC-002': { cause: 'a required prop is missing', fix: 'Give the prop.' },
  'CMC-003': { cause: 'a value has the wrong type', fix: 'Pass the type that the message names.' },
  'CMC-004': {
    cause: 'a number is out of range',
    fix: 'Choose a value inside the range that the message names.',
  },
  'CMC-005': {
    cause: 'a value is none of the allowed ones',
    fix: 'Choose one of the values that the message lists.',
  },
  'CMC-006': {
    cause: 'a text has a form that the service refuses',
    fix: 'Follow the pattern that the message names.',
  },
  'CMC-007': { cause: 'a value occurs twice', fix: 'Make each one unique.' },
  'CMC-008': { cause: 'two props exclude each other', fix: 'Give one of them.' },
  'CMC-009': { cause: 'a prop needs another one', fix: 'Give the other one too.' },
  'CMC-010': {
    cause: 'a construct of another cloud, or a class of your own',
    fix: 'Import it with a `from…` method.',
  },
  'CMC-011': {
    cause: 'a construct in a stack of another engine',
    fix: 'Put it into a stack of its own engine.',
  },
  'CMC-012': {
    cause: 'a name that was not declared',
    fix: 'Declare it where it belongs, or use a declared one.',
  },
  'CMC-013': {
    cause: 'a grant that points backwards between stacks',
    fix: 'Put both into one stack, or turn the order.',
  },
  'CMC-014': { cause: 'one deploy parameter with two defaults', fix: 'Use one DeployParameter for both.' },
  'CMC-015': {
    cause: 'a value that only deployment knows',
    fix: 'Write the value itself; texts and numbers that the message does not name may be tokens.',
  },
  'CMC-020': { cause: 'an unknown accelerator', fix: 'Use one of the nearest names that the message lists.' },
  'CMC-021': {
    cause: 'an accelerator or count that does not exist here',
    fix: 'Choose what the message lists.',
  },
  'CMC-022': {
    cause: 'a machine type that the service does not offer',
    fix: 'Choose what the message lists.',
  },
  'CMC-023': { cause: 'a capacity that does not exist here', fix: 'Choose another capacity or accelerator.' },
  'CMC-030': {
    cause: 'weights that do not add up to 100',
    fix: 'Make the weights of all variants add up to 100.',
  },
  'CMC-031': { cause: 'a minimum above its maximum', fix: 'Raise the maximum or lower the minimum.' },
  'CMC-032': {
    cause: 'a rollout that the service cannot do',
    fix: 'Follow the limits that the message names.',
  },
  'CMC-040': {
    cause: 'something that this cloud or engine lacks',
    fix: 'Use the alternative that the message names.',
  },
  'CMC-050': {
    cause: 'a region outside the allowed ones',
    fix: 'Deploy to an allowed region, or allow this one.',
  },
  'CMC-051': {
    cause: 'copies that leave the allowed regions',
    fix: 'Copy to an allowed region, or not at all.',
  },
  'CMC-052': {
    cause: 'a service that answers from any region',
    fix: 'Take the regional one that the message names.',
  },
  'CMC-060': {
    cause: 'an image that the service cannot pull',
    fix: 'Use an image of the registry that the message names.',
  },
} as const;

export type Code = keyof typeof CODES;
