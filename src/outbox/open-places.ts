import { createClaims } from './create-claims.ts';
import { probeFolding } from './probe-folding.ts';
import { resultName } from './result-name.ts';
import { TEMP_NAME_BYTES } from './temp-name.ts';

/** Bytes of a path, without the NUL at its end (PATH_MAX of Linux). */
const PATH_BYTES = 4095;

/**
 * Names for a folder, made if missing: from a document's id to the path of its files below the folder, without the
 * ending. Throws the system's error where the folder cannot be written to.
 */
export function openPlaces(folder: string): (id: string) => string {
  const limit = PATH_BYTES - Buffer.byteLength(folder) - TEMP_NAME_BYTES - '/'.length;
  const claim = probeFolding(folder) ? createClaims(folder) : null;
  return (id) => resultName(id, limit, claim);
}
