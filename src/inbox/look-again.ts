import { lookAt, type Sighting } from './entry.ts';
import { isFolderDocument } from './folder-document.ts';
import { type FolderSighting, gather } from './gather.ts';

/** Looks again at what has an id. Any other folder than one that is a document is told, and not looked into. */
export function* lookAgain(root: string, id: string): Generator<Sighting | FolderSighting> {
  const slash = id.lastIndexOf('/');
  const sighting = lookAt(root, id.slice(0, Math.max(slash, 0)), id.slice(slash + 1));
  if (sighting.kind === 'folder' && isFolderDocument(id)) yield* gather(root, id);
  else yield sighting;
}

/** The folder that is the document of this id, as it is at the moment; undefined where there is none, or nobody can tell. */
export function lookAtFolder(root: string, id: string): FolderSighting | undefined {
  for (const sighting of lookAgain(root, id)) if ('files' in sighting) return sighting;
  return undefined;
}
