import { Faults } from '../../../core/private/faults';
import { MachineChoice } from '../../../core/private/machines';
import { isToken } from '../../../core/private/tokens';
import { localDisk } from '../local-disks';

/** What SageMaker attaches to a machine at most. */
const LARGEST_VOLUME_GIB = 512;

/**
 * The volume that a machine gets for the disk that was asked for: none where its own disks are as large, since SageMaker
 * attaches none to machines that have some.
 */
export function judgeDisk(
  diskGiB: number | undefined,
  choice: MachineChoice | undefined,
  faults: Faults,
): number | undefined {
  if (diskGiB === undefined || !choice) {
    return undefined;
  }
  const { type } = choice;
  const { present, sizeGiB } = localDisk(type);
  if (!present) {
    if (diskGiB > LARGEST_VOLUME_GIB && !isToken(diskGiB)) {
      faults.add(
        'CMC-004',
        'diskGiB',
        `(${diskGiB}) must be at most ${LARGEST_VOLUME_GIB}: SageMaker attaches no larger volume; take a machine type with disks of its own`,
      );
    }
    return diskGiB;
  }
  if (sizeGiB === undefined || isToken(diskGiB)) {
    faults.add(
      'CMC-040',
      'diskGiB',
      `cannot be set for ${type}, which has disks of its own, and SageMaker attaches no other: leave it out`,
    );
  } else if (diskGiB > sizeGiB) {
    faults.add(
      'CMC-040',
      'diskGiB',
      `(${diskGiB}) is more than the ${sizeGiB} GiB of disk that ${type} has of its own, and SageMaker attaches no other: take a larger machine type`,
    );
  }
  return undefined;
}
