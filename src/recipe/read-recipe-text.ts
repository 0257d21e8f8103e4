import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { TextDecoder } from 'node:util';
import { errorCode, errorMessage, UsageError } from '../domain/errors.ts';

const ENDINGS = ['.md', '.txt'];

/**
 * The text of a plain recipe, without a byte order mark.
 *
 * @throws UsageError where the file is no plain recipe, cannot be read, is not UTF-8, or says nothing
 */
export async function readRecipeText(file: string): Promise<string> {
  if (!ENDINGS.includes(extname(file).toLowerCase()))
    throw new UsageError(`The recipe ${file} must be a text file that ends in ${ENDINGS.join(' or ')}.`);

  const text = decode(file, await readBytes(file));
  if (text.trim() === '') throw new UsageError(`The recipe ${file} is empty.`);
  return text;
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    // Looked at first: opening a FIFO would wait for ever.
    if (!(await stat(file)).isFile()) throw new UsageError(`The recipe ${file} is not a file.`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const problem = errorCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read: ${errorMessage(error)}`;
    throw new UsageError(`The recipe ${file} ${problem}.`, { cause: error });
  }
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`The recipe ${file} is not UTF-8 text.`, { cause: error });
  }
}
