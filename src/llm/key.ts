import { readFileSync } from 'node:fs';
import { UsageError } from '../domain/errors.ts';
import { errorCode } from '../lib/errors.ts';
import type { Api } from './api.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The key to send to this API, or null if none is meant for it. `keyFile` comes before `SLUICE_API_KEY`, and both
 * go to whatever API was chosen; each provider's own variable goes to its own hosts only.
 *
 * @throws UsageError, which never holds the key, if the file or the key cannot be used.
 */
export function findKey(api: Api, environment: Environment, keyFile: string | null): string | null {
  if (keyFile !== null) return checked(readKey(keyFile), 'the file of --api-key-file');
  const variable = ['SLUICE_API_KEY', ...api.keyVariables].find((name) => (environment[name] ?? '').trim() !== '');
  return variable === undefined ? null : checked((environment[variable] ?? '').trim(), variable);
}

/** What to tell a person who started without a key that this API needs. Loopback APIs need none. */
export function missingKeyMessage(api: Api): string {
  const [variable = 'SLUICE_API_KEY'] = api.keyVariables;
  return (
    `No API key for ${api.baseUrl}: set ${variable}, or try without one: ` +
    '--api simulator (made-up answers, no cost) or --api ollama (models on this machine).'
  );
}

function readKey(keyFile: string): string {
  let content: string;
  try {
    content = readFileSync(keyFile, 'utf8').trim();
  } catch (error) {
    const reason = errorCode(error) === 'ENOENT' ? 'it does not exist' : errorCode(error);
    throw new UsageError(`--api-key-file ${keyFile} cannot be read: ${reason}.`, { cause: error });
  }
  if (content === '') throw new UsageError(`--api-key-file ${keyFile} is empty.`);
  if (/[\r\n]/.test(content))
    throw new UsageError(`--api-key-file ${keyFile} has several lines: it must hold the key alone.`);
  return content;
}

function checked(key: string, source: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new UsageError(
    `The key in ${source} has characters that no key has (blanks, control or non-ASCII characters).`,
  );
}
