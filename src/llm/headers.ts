import { readFileSync } from 'node:fs';
import { UsageError } from '../domain/errors.ts';
import { errorCode } from '../lib/errors.ts';

/** Name and value. */
export type Header = readonly [string, string];

/** Those that say how a message is carried, or what it is: sluice alone knows that. */
const OURS =
  /^(?:host|connection|content-length|content-type|transfer-encoding|te|trailer|upgrade|expect|accept|accept-encoding)$/i;

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * The headers in a text: `Name: value`, one a line.
 *
 * @param source what a person calls the text
 * @throws UsageError, which holds no value
 */
export function parseHeaders(text: string, source: string): readonly Header[] {
  const headers = new Map<string, Header>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const where = `Line ${index + 1} of ${source}`;
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim();
    const value = line.slice(colon + 1).trim();
    if (!NAME.test(name) || !VALUE.test(value))
      throw new UsageError(`${where} is no header: write Name: value, one a line, in ASCII.`);
    if (OURS.test(name)) throw new UsageError(`${where} sets ${name}, which sluice sets itself: leave it away.`);
    if (headers.has(name.toLowerCase())) throw new UsageError(`${where} sets ${name} again: give it once.`);
    headers.set(name.toLowerCase(), [name, value]);
  }
  return [...headers.values()];
}

/** The text of a file that an option names; it may hold a secret. Throws a UsageError without its content. */
export function readSecretFile(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = errorCode(error) === 'ENOENT' ? 'it does not exist' : errorCode(error);
    throw new UsageError(`${option} ${path} cannot be read: ${reason}.`, { cause: error });
  }
}
