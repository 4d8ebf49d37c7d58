import type { GpuTrainingClusterProps } from '../gpu-training-cluster';
import { Faults } from './faults';

/** Sizes of a file system in GiB: from one to another in steps. */
export interface Sizes {
  readonly from: number;
  readonly step: number;
  readonly to?: number;
}

/** A service that has shared file systems. */
export interface ScratchService {
  readonly title: string;
  /** In rising order. */
  readonly sizes: readonly Sizes[];
}

/** The sizes next to one: itself where the service has it. */
function nearest(sizeGiB: number, sizes: readonly Sizes[]): number[] {
  const around = sizes.flatMap(({ from, step, to = Infinity }) => {
    const below = from + Math.floor((sizeGiB - from) / step) * step;
    return [from, to, below, below + step].filter((size) => size >= from && size <= to && size < Infinity);
  });
  const smaller = Math.max(...around.filter((size) => size <= sizeGiB));
  const larger = Math.min(...around.filter((size) => size >= sizeGiB));
  return [...new Set([smaller, larger])].filter(Number.isFinite);
}

/** Judges a shared file system where the service has one. */
export function judgeScratch(
  { scratch, network }: Pick<GpuTrainingClusterProps, 'scratch' | 'network'>,
  { title, sizes }: ScratchService,
  faults: Faults,
): void {
  if (!scratch || !Number.isInteger(scratch.sizeGiB)) {
    return;
  }
  if (!network) {
    faults.add(
      'CMC-009',
      'scratch',
      `needs network, in which ${title} is: give a PrivateNetwork, or leave scratch out`,
    );
  }
  const offered = nearest(scratch.sizeGiB, sizes);
  if (scratch.sizeGiB >= 1 && !offered.includes(scratch.sizeGiB)) {
    faults.add(
      'CMC-005',
      'scratch.sizeGiB',
      `(${scratch.sizeGiB}) is no size that ${title} has: take ${offered.join(' or ')}`,
    );
  }
}

/** Where jobs cannot mount one. */
export function refuseScratch(
  { scratch }: Pick<GpuTrainingClusterProps, 'scratch'>,
  reason: string,
  faults: Faults,
): void {
  if (scratch) {
    faults.add('CMC-040', 'scratch', reason);
  }
}
