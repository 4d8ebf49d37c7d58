import { IResolvable, Lazy, Stack, TagManager } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { lookup } from './queues';
import { literal } from './request';
import { QueuePlan } from '../../../core/private/queues';

type Tags = { readonly [key: string]: string };

/** The tags of a construct: those of its stack, and what aspects put on it. Complete when the template is made. */
export function tagsOf(scope: IConstruct & { readonly tags: TagManager }): Tags {
  return { ...Stack.of(scope).tags.tagValues(), ...scope.tags.tagValues() };
}

/** Tags as most services take them, by key. */
export const pairs = (tags: Tags): { key: string; value: string }[] =>
  Object.keys(tags)
    .sort()
    .map((key) => ({ key, value: tags[key] }));

/** The tags of a training job of SageMaker: those of `like`, and of the queue that the caller chose. */
export function jobTags(
  like: () => IConstruct & { readonly tags: TagManager },
  queues: readonly QueuePlan[],
): IResolvable {
  return Lazy.any({
    produce: () => {
      const tags = tagsOf(like());
      const listed = (all: Tags, text: (value: string) => string) =>
        pairs(all).map(({ key, value }) => ({ Key: text(key), Value: text(value) }));
      if (queues.some(({ costTags }) => Object.keys(costTags).length)) {
        return lookup(
          queues.map(({ name, costTags }) => [name, listed({ ...tags, ...costTags }, (value) => value)]),
        );
      }
      return Object.keys(tags).length ? listed(tags, literal) : undefined;
    },
  });
}

/** The tags of a job of AWS Batch by its queue, besides those of its definition; none where no queue has any. */
export const queueTags = (queues: readonly QueuePlan[]): string | undefined =>
  queues.some(({ costTags }) => Object.keys(costTags).length)
    ? lookup(queues.map(({ name, costTags }) => [name, costTags]))
    : undefined;
