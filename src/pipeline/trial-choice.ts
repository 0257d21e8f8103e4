import type { WorkItem } from './work-item.ts';

/**
 * The documents of a trial, `most` of them: first those that show a new folder and a new type, then a new one of either,
 * then of both together, then any; each time in the order given, in which they are returned.
 */
export function chooseForTrial(items: readonly WorkItem[], most: number): readonly WorkItem[] {
  const chosen = new Set<WorkItem>();
  const seen = new Set<string>();
  const isNew = (what: string): boolean => !seen.has(what);
  const rounds: readonly ((kind: FolderAndType) => boolean)[] = [
    ({ folder, type }) => isNew(folder) && isNew(type),
    ({ folder, type }) => isNew(folder) || isNew(type),
    ({ both }) => isNew(both),
    () => true,
  ];
  for (const adds of rounds) {
    for (const item of items) {
      if (chosen.size >= most) break;
      const kind = kindOf(item);
      if (chosen.has(item) || !adds(kind)) continue;
      chosen.add(item);
      for (const what of Object.values(kind)) seen.add(what);
    }
  }
  return items.filter((item) => chosen.has(item));
}

type FolderAndType = Readonly<Record<'folder' | 'type' | 'both', string>>;

/** Never alike: a folder ends in `/`, a type holds none, and both together hold one without ending in it. */
function kindOf({ document: { id } }: WorkItem): FolderAndType {
  const slash = id.lastIndexOf('/');
  const folder = `${id.slice(0, slash + 1)}/`;
  const type = /\.[^./]*$/.exec(id)?.[0].toLowerCase() ?? '.';
  return { folder, type, both: folder + type };
}
