import type { aws, azure, google } from 'cloud-ml-constructs';
import { core } from 'cloud-ml-constructs';
import type { Construct } from 'constructs';

/** The clouds that this program runs on: the same classes with the same props, in a namespace each. */
export type Cloud = typeof aws | typeof google | typeof azure;

/** The tag of the image that `container/` makes. */
export const TAG = '1';

/** What a service has that others do not: what it scales by, how long it waits, how it shares memory. */
export interface Tuning {
  readonly scaleBy: core.ScalingProps;
  readonly container: Pick<
    core.ServingContainer,
    'requestTimeoutSeconds' | 'sharedMemoryMiB' | 'startupTimeoutSeconds'
  >;
  /** The service, where the cloud has a choice. */
  readonly engine?: google.EndpointEngine;
}

/** What a cloud serves the two models by. */
export interface Tunings {
  readonly small: Tuning;
  readonly large: Tuning;
}

/** What comes first: a repository for the image, and a place for weights of your own. */
export const foundation = (ml: Cloud, stack: Construct) =>
  new ml.ModelRegistry(stack, 'Registry', { models: [{ name: 'assistant' }], images: ['vllm'] });

/**
 * What comes when the image is pushed: a model on one accelerator, and one that is split over eight. With `weights`, a
 * version of the registry's model, a third one serves those, on one accelerator of the service that has the large one.
 */
export function serving(
  ml: Cloud,
  stack: Construct,
  registry: ReturnType<typeof foundation>,
  hubToken: core.ISecret,
  { small, large }: Tunings,
  weights?: string,
) {
  const serve = (
    id: string,
    accelerators: string[],
    { scaleBy, container, engine }: Tuning,
    { model, ...own }: Pick<core.ServingContainer, 'environment' | 'secrets'> & { model?: core.ModelVersion },
  ) =>
    new ml.AutoScalingEndpoint(stack, id, {
      variants: [
        {
          name: 'main',
          container: {
            image: registry.image('vllm', TAG),
            // The weights are read first, from wherever they are.
            startupTimeoutSeconds: 3600,
            ...container,
            ...own,
          },
          model,
        },
      ],
      accelerators,
      scaling: { minInstances: 1, maxInstances: 2, ...scaleBy },
      ...(engine && { engine }),
    });
  const downloaded = (name: string) => ({
    environment: { MODEL: name, MAX_MODEL_LEN: '8192' },
    secrets: { HF_TOKEN: hubToken },
  });
  // The first ones that this cloud offers.
  const [one, eight] = [
    ['L4:1', 'A100-80GB:1'],
    ['H100:8', 'A100-80GB:8'],
  ];
  return {
    small: serve('Small', one, small, downloaded('Qwen/Qwen2.5-7B-Instruct')),
    large: serve('Large', eight, large, downloaded('meta-llama/Llama-3.3-70B-Instruct')),
    own: weights
      ? serve('Own', one, large, {
          environment: { MODEL: 'assistant' },
          model: registry.model('assistant').version(weights),
        })
      : undefined,
  };
}

/** What follows a deployment, by the names of the outputs that print it. */
export function commandsOf(
  registry: ReturnType<typeof foundation>,
  { small, large, own }: ReturnType<typeof serving>,
) {
  const image = registry.image('vllm', TAG);
  return {
    foundation: {
      Push: registry.pushCommand('vllm', TAG),
      Publish: registry.publishCommand('assistant', '1', image),
    },
    serving: {
      InvokeSmall: small.invokeCommand,
      InvokeLarge: large.invokeCommand,
      StreamSmall: small.streamUrl,
      StreamLarge: large.streamUrl,
      ...(own && { InvokeOwn: own.invokeCommand, StreamOwn: own.streamUrl }),
    },
  };
}
