import type { ResultPlace } from '../domain/request.ts';
import { createClaims } from './create-claims.ts';
import { probeFolding } from './probe-folding.ts';
import { resultName } from './result-names.ts';
import { TEMP_NAME_BYTES } from './temp-name.ts';

/** Bytes of a path, without the NUL at its end (PATH_MAX of Linux). */
const PATH_BYTES = 4095;

/**
 * Names for a folder, made if missing: from a place to the path of its file below the folder, without the ending. Throws
 * the system's error where the folder cannot be written to.
 */
export function openPlaces(folder: string): (place: ResultPlace) => string {
  const limit = PATH_BYTES - Buffer.byteLength(folder) - TEMP_NAME_BYTES - '/'.length;
  const claim = probeFolding(folder) ? createClaims(folder) : null;
  return (place) => resultName(place, limit, claim);
}
