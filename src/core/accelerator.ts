import { findAccelerator } from './private/catalog';
import { judgeValue } from './private/faults';
import { text } from './private/schema';

/**
 * A number of accelerators of one kind in one machine, as `NAME[:COUNT]` writes it.
 *
 * Props take the string; this class is what constructs give back.
 */
export class Accelerator {
  /**
   * Reads `NAME[:COUNT]`, for example `A100-80GB:8` or `L4`; the count is 1 where it is not written.
   *
   * @param request name and count; case does not matter, aliases such as `nvidia-l4` are known
   * @throws ValidationError for an unknown name, with the nearest ones
   */
  public static parse(request: string): Accelerator {
    return judgeValue('Accelerator.parse', (faults) => {
      text({ pattern: /^[^]*$/, means: 'NAME or NAME:COUNT' })(request, 'request', faults);
      const found = findAccelerator(request, 'request', faults)!;
      return new Accelerator(found.name, found.count, found.memoryGiB);
    });
  }

  /**
   * @param name the catalog's name, for example `A100-80GB`
   * @param count accelerators in one machine
   * @param memoryGiB memory of each accelerator in GiB
   */
  public constructor(
    public readonly name: string,
    public readonly count: number,
    public readonly memoryGiB: number,
  ) {}

  /** `NAME:COUNT`. */
  public toString(): string {
    return `${this.name}:${this.count}`;
  }
}
