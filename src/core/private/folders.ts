import { IConstruct } from 'constructs';
import type { DataLakePart, IDataFolder, IDataLake, IDataZone } from '../data-lake';
import { judgeCall } from './faults';
import { judgeProps, literal, required, Schema, struct, text } from './schema';

const NAME = '[A-Za-z0-9_]([A-Za-z0-9_=.-]*[A-Za-z0-9_])?';

/** No path that leads out of a zone, nothing that policies take for a wildcard or for the end of a text. */
export const folderPath = literal(
  text({
    pattern: new RegExp(`^(?!.*\\.\\.)(${NAME}/)*${NAME}/?$`),
    means:
      "names of folders, joined by '/': letters, digits, '_', '-', '.' and '=', at both ends of a name a letter, a digit or '_'; no '/' first, no '..'",
    maxLength: 256,
  }),
);

/** A folder's path as policies take it: with `/` at the end, so that `team-a/` is not a part of `team-ab/`. */
export const withSlash = (path: string): string => path.replace(/\/?$/, '/');

/** The folder of a zone at a path, made once. */
export function folderIn<T extends IConstruct>(
  zone: IConstruct,
  path: string,
  make: (id: string, folder: string) => T,
): T {
  judgeCall(zone, (faults) => judgeProps(faults, struct({ path: required(folderPath) }), { path }));
  const folder = withSlash(path);
  // Slashes end ids.
  const id = `Folder-${folder.slice(0, -1).replace(/\//g, ':')}`;
  return (zone.node.tryFindChild(id) as T | undefined) ?? make(id, folder);
}

/** The parts of a lake that a native principal is granted: all zones, one, or a folder of one. */
export function lakeParts(lake: IDataLake, part?: DataLakePart): (IDataZone | IDataFolder)[] {
  const { zone: name, folder } = part ?? {};
  judgeCall(lake, (faults) => {
    judgeProps(faults, struct(PART), part);
    if (folder !== undefined && name === undefined) {
      faults.add('CMC-009', 'folder', 'needs zone, the one that the folder is in');
    }
  });
  if (name === undefined) {
    return lake.zoneNames.map((each) => lake.zone(each));
  }
  const zone = lake.zone(name);
  return [folder === undefined ? zone : zone.folder(folder)];
}

const PART: Schema<DataLakePart> = { zone: literal(text()), folder: folderPath };
