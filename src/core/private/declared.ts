import { IConstruct } from 'constructs';
import { judgeCall } from './faults';

/** What an owner declared under a name; a fault that lists what there is where it did not. */
export function findDeclared<T>(
  owner: IConstruct,
  declared: ReadonlyMap<string, T>,
  what: string,
  name: string,
  list = 'declared',
): T {
  return judgeCall(owner, (faults) => {
    if (!declared.has(name)) {
      const names = [...declared.keys()].join(', ') || 'none';
      faults.add('CMC-012', what, `'${name}' was not declared; ${list} are ${names}`);
    }
    return declared.get(name)!;
  });
}
