import type { IConstruct } from 'constructs';
import type { Address, Part, Words } from './model';
import type { IAutoScalingEndpoint, IInferenceEndpoint } from '../../auto-scaling-endpoint';
import type { IDataLake } from '../../data-lake';
import type { IGpuTrainingCluster } from '../../gpu-training-cluster';

type Named = readonly (readonly [what: string, value: string])[];

/** What of a construct somebody needs the address of, by its class. */
const ADDRESSES: { readonly [kind: string]: (construct: unknown) => Named } = {
  DataLake: (lake) => Object.entries((lake as IDataLake).uris).map(([zone, uri]) => [`Zone ${zone}`, uri]),
  GpuTrainingCluster: (cluster) => [['What jobs trained', (cluster as IGpuTrainingCluster).outputUri]],
  AutoScalingEndpoint: (endpoint) => {
    const { url, streamUrl } = endpoint as IAutoScalingEndpoint;
    return [['Predictions', url], ...(streamUrl === url ? [] : ([['Streamed answers', streamUrl]] as const))];
  },
  ServerlessInference: (inference) => [['Predictions', (inference as IInferenceEndpoint).url]],
};

/** Where what a stack makes answers, or keeps its data. */
export const addressesOf = (
  constructs: readonly IConstruct[],
  parts: readonly Part[],
  words: (value: unknown) => Words,
): Address[] => {
  const made = new Map(parts.map(({ id, kind }) => [id, kind]));
  return constructs.flatMap((construct) => {
    const of = ADDRESSES[made.get(construct.node.path) ?? ''];
    return (of?.(construct) ?? []).map(([what, value]) => ({
      path: construct.node.path,
      what,
      value: words(value),
    }));
  });
};
