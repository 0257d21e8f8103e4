import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { errorCode, errorMessage, UsageError } from '../domain/errors.ts';

/**
 * The environment, with what `.env` in `folder` adds to it: a variable that is set already stays as it is. A folder of
 * that name (a virtual environment of Python) is none.
 * Throws a UsageError where there is such a file and it cannot be read.
 */
export function loadEnvironment(folder: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...readEnvironmentFile(join(folder, '.env')), ...environment };
}

function readEnvironmentFile(path: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    if (['ENOENT', 'EISDIR'].includes(errorCode(error))) return {};

    throw new UsageError(`${path} cannot be read: ${errorMessage(error)}`, { cause: error });
  }
}
