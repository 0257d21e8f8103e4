import type { Records } from './records.ts';

/** The one version of a document that came for the first time. */
interface Newcomer {
  readonly sha256: string;
  /** Null until that is committed. */
  versionId: number | null;
}

/** Documents that came for the first time, until they are settled: most never get another version to look for. */
export interface Newcomers {
  /** Null where the document may have other versions than this one. */
  of(document: string, sha256: string): Newcomer | null;
  settled(document: string): void;
}

export function createNewcomers(records: Records): Newcomers {
  const newcomers = new Map<string, Newcomer>();

  function knownOrNew(document: string, sha256: string): Newcomer | undefined {
    const known = newcomers.get(document);
    if (known !== undefined || records.get(document) !== undefined) return known;
    const newcomer = { sha256, versionId: null };
    newcomers.set(document, newcomer);
    return newcomer;
  }

  return {
    of: (document, sha256) => {
      const newcomer = knownOrNew(document, sha256);
      if (newcomer?.sha256 === sha256) return newcomer;
      newcomers.delete(document);
      return null;
    },
    settled: (document) => void newcomers.delete(document),
  };
}
