import Module from 'module';
import { hand, load } from './measure';

/** Not measured: which members of aws-cdk-lib the classes of the entry need to be defined, for `framework-members`. */
const seen = new Set<string>();
const watched = (object: object, path: string, depth: number): object =>
  new Proxy(object, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (typeof name !== 'string' || name.startsWith('__')) {
        return value;
      }
      seen.add(path + name);
      return depth > 1 && typeof value === 'object' ? watched(value, `${path}${name}.`, depth - 1) : value;
    },
  });

const original = (Module as any)._load;
(Module as any)._load = (request: string, parent: NodeModule, ...rest: unknown[]) => {
  const loaded = original(request, parent, ...rest);
  return request === 'aws-cdk-lib' && !parent.filename.includes('node_modules')
    ? watched(loaded, '', 2)
    : loaded;
};
Object.values(load('cloud-ml-constructs/aws'));
hand([...seen] as never);
