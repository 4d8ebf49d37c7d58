const BLOBS = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

const READ = `ActionMatches{'${BLOBS}/read'} AND NOT SubOperationMatches{'Blob.List'}`;
const LIST = `ActionMatches{'${BLOBS}/read'} AND SubOperationMatches{'Blob.List'}`;
const WRITE = ['write', 'add/action', 'delete', 'move/action'].map(
  (action) => `ActionMatches{'${BLOBS}/${action}'}`,
);

const outside = (actions: string[]) => `(${actions.map((action) => `!(${action})`).join(' AND ')})`;
const either = (conditions: string[]) => `(${conditions.join(' OR ')})`;

/** A folder with what is in it. Data Lake Storage names a folder without the slash, also where it is listed. */
const within = (attribute: string, folder: string) =>
  `${attribute} StringStartsWith '${folder}' OR ${attribute} StringEquals '${folder.slice(0, -1)}'`;

const PATH = `@Resource[${BLOBS}:path]`;

/** That a role on a container is for some of its folders only, `team-a/`: reading, writing and listing. */
export const belowFolders = (folders: string[]): string =>
  [
    either([outside([READ, ...WRITE]), ...folders.map((folder) => within(PATH, folder))]),
    either([outside([LIST]), ...folders.map((folder) => within(`@Request[${BLOBS}:prefix]`, folder))]),
  ].join(' AND ');

/** That a role on a container is for one folder of it. Its lists say no path, and are not limited. */
export const belowFolder = (folder: string): string =>
  `(${outside([READ, ...WRITE])} OR (${PATH} StringStartsWith '${folder}'))`;
