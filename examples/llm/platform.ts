import type { Construct } from 'constructs';
import type { aws, azure, google } from 'cloud-ml-constructs';
import { core } from 'cloud-ml-constructs';

/** The clouds that this program runs on: the same classes with the same props, in a namespace each. */
export type Cloud = typeof aws | typeof google | typeof azure;

/** The tag of the image that `container/` makes. */
export const TAG = '1';

/** What a cloud has that others do not: what it scales by, how long it waits, how it shares memory. */
export interface Tuning {
  readonly scaleBy: core.ScalingProps;
  readonly container: Pick<core.ServingContainer, 'requestTimeoutSeconds' | 'sharedMemoryMiB'>;
}

/** What comes first: a repository for the image. Weights of your own would be versions of the model. */
export const foundation = (ml: Cloud, stack: Construct) =>
  new ml.ModelRegistry(stack, 'Registry', { models: [{ name: 'assistant' }], images: ['vllm'] });

/** What comes when the image is pushed: a model on one accelerator, and one that is split over eight. */
export function serving(
  ml: Cloud,
  stack: Construct,
  registry: ReturnType<typeof foundation>,
  hubToken: core.ISecret,
  { scaleBy, container }: Tuning,
) {
  const serve = (id: string, model: string, accelerators: string[]) =>
    new ml.AutoScalingEndpoint(stack, id, {
      variants: [
        {
          name: 'main',
          container: {
            image: registry.image('vllm', TAG),
            environment: { MODEL: model, MAX_MODEL_LEN: '8192' },
            secrets: { HF_TOKEN: hubToken },
            // The weights are downloaded first.
            startupTimeoutSeconds: 3600,
            ...container,
          },
        },
      ],
      accelerators,
      scaling: { minInstances: 1, maxInstances: 2, ...scaleBy },
    });
  return {
    // The first ones that this cloud offers.
    small: serve('Small', 'Qwen/Qwen2.5-7B-Instruct', ['L4:1', 'A100-80GB:1']),
    large: serve('Large', 'meta-llama/Llama-3.3-70B-Instruct', ['H100:8', 'A100-80GB:8']),
  };
}

/** What follows a deployment, by the names of the outputs that print it. */
export const commandsOf = (
  registry: ReturnType<typeof foundation>,
  { small, large }: ReturnType<typeof serving>,
) => ({
  foundation: { Push: registry.pushCommand('vllm', TAG) },
  serving: {
    InvokeSmall: small.invokeCommand,
    InvokeLarge: large.invokeCommand,
    StreamSmall: small.streamUrl,
    StreamLarge: large.streamUrl,
  },
});
