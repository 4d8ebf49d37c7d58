/** jsii-rosetta writes `memory_mi_b`, and imports structs of other submodules from where they are not. */
export const corrected = (text: string): string =>
  text
    .replace(/_([kmg])i_b\b/g, '_$1ib')
    .replace(
      /^( *)from cloud_ml_constructs\.(\w+) import \2(, \2)*$/gm,
      '$1from cloud_ml_constructs.core import $2',
    );
