import { zipSync } from 'fflate';
import type { Texts } from '../inbox/convert/zip.ts';
import { asBuffer } from './as-buffer.ts';

/**
 * An archive of what was unpacked within bounds, for libraries that unpack by themselves and know no bounds. Nothing is
 * compressed.
 */
export function packAgain(texts: Texts): Buffer {
  const packed = zipSync(Object.fromEntries(texts), { level: 0 });
  return asBuffer(packed);
}
