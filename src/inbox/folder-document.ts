const ENDING = '.doc';

/** Whether a folder of this id or name is one document with all that is in it. A file of such a name is just a file. */
export function isFolderDocument(id: string): boolean {
  return id.endsWith(ENDING);
}

/** The document that an entry of the inbox belongs to: the outermost such folder that it lies in, or else the entry. */
export function documentAt(id: string): string {
  const end = id.indexOf(`${ENDING}/`);
  return end < 0 ? id : id.slice(0, end + ENDING.length);
}
