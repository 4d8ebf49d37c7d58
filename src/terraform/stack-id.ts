import { Construct } from 'constructs';
import { judgeValue } from '../core/private/faults';
import { judgeProps, literal, required, struct, text } from '../core/private/schema';

const ID = text({
  // Of at most three bytes each in the name of a file.
  pattern: /^(?!\.{1,2}$)[^\s*?![\]{}]{1,64}$/u,
  means: 'the id of a stack, which names a folder: at most 64 characters, without spaces and any of *?![]{}',
});

/** The id of a stack, judged before the stack is made: cdktf and the file system have errors of their own. */
export function stackId(scope: Construct, id: string): string {
  judgeValue([scope.node.path, id].filter(Boolean).join('/'), (faults) =>
    judgeProps(faults, struct<{ id: string }>({ id: required(literal(ID)) }), { id }),
  );
  return id;
}
