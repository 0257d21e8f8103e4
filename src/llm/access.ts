import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { unescape } from 'node:querystring';
import { getProxyForUrl } from 'proxy-from-env';
import { UsageError } from '../domain/errors.ts';
import type { Options } from '../domain/options.ts';
import { errorCode } from '../lib/errors.ts';
import type { Api } from './api.ts';

type Environment = NodeJS.ProcessEnv;

/** Name and value. */
export type Header = readonly [string, string];

/** How an API is reached, and what proves to it who asks. */
export interface Access {
  /** The URL of the proxy that leads to it; null: there is none. It may hold a password. */
  readonly proxy: string | null;
  /** Null sends none. */
  readonly key: string | null;
  /** As secret as the key. */
  readonly headers: readonly Header[];
}

/**
 * How this API is reached, and what to send to it with each call beside the request; nothing to the simulator. What the
 * flags name comes before the variables of the same meaning.
 *
 * @throws UsageError, which holds no secret, if something cannot be used
 */
export function findAccess(
  api: Api,
  environment: Environment,
  { apiKeyFile, apiHeadersFile, proxy }: Pick<Options, 'apiKeyFile' | 'apiHeadersFile' | 'proxy'>,
): Access {
  if (api.name === 'simulator') return { key: null, headers: [], proxy: null };
  const headers =
    apiHeadersFile === null
      ? parseHeaders(environment['SLUICE_API_HEADERS'] ?? '', 'SLUICE_API_HEADERS')
      : parseHeaders(readSecretFile(apiHeadersFile, '--api-headers-file'), apiHeadersFile);
  return {
    key: findKey(api, environment, apiKeyFile),
    headers,
    proxy: proxy === 'env' ? proxyByVariables(api) : proxy,
  };
}

/** All that is secret in it; of `Bearer abc` also `abc` alone. */
export function secretsOf({ key, headers, proxy }: Access): readonly string[] {
  const values = headers.flatMap(([, value]) => [value, ...value.split(' ').slice(1)]);
  const password = proxy === null ? '' : new URL(proxy).password;
  return [key ?? '', ...values, password, unescape(password)].filter((secret) => secret !== '');
}

/** What the variables say that other programs take a proxy from. None leads to this machine itself. */
function proxyByVariables({ baseUrl, loopback }: Api): string | null {
  const url = loopback ? '' : getProxyForUrl(baseUrl);
  if (url === '' || isProxyUrl(url)) return url || null;
  throw new UsageError(
    `--proxy env: the variable for ${new URL(baseUrl).protocol}// addresses is no URL of a proxy such as http://host:3128.`,
  );
}

export function isProxyUrl(text: string): boolean {
  return /^https?:\/\/[^/]/i.test(text) && URL.canParse(text);
}

/** Blanks count as nothing. */
function isSet(environment: Environment, name: string): boolean {
  return (environment[name] ?? '').trim() !== '';
}

/**
 * Where the key for this API comes from: `--api-key-file` or a variable; null if none is meant for it. A file,
 * `SLUICE_API_KEY` and `SLUICE_API_KEY_COMMAND` are meant for whatever API was chosen; each provider's own variable goes to
 * its own hosts only. Nothing is read or run.
 */
export function keySource({ keyVariables }: Api, environment: Environment, keyFile: string | null): string | null {
  if (keyFile !== null) return KEY_FILE;
  return [KEY, COMMAND, ...keyVariables].find((name) => isSet(environment, name)) ?? null;
}

/** The key to send to this API, or null if none is meant for it. */
function findKey(api: Api, environment: Environment, keyFile: string | null): string | null {
  if (keyFile !== null) return checked(readKey(keyFile), 'the file of --api-key-file');
  const source = keySource(api, environment, keyFile);
  if (source === null) return null;
  const given = (environment[source] ?? '').trim();
  return source === COMMAND
    ? checked(runForKey(given, environment), `the output of ${COMMAND}`)
    : checked(given, source);
}

const KEY_FILE = '--api-key-file';
const KEY = 'SLUICE_API_KEY';
const COMMAND = 'SLUICE_API_KEY_COMMAND';

/** What to tell a person who started without a key that this API needs. Loopback APIs need none. */
export function missingKeyMessage({ baseUrl, keyVariables: [variable = KEY] }: Api): string {
  return (
    `No API key for ${baseUrl}: set ${variable}, or try without one: ` +
    '--api simulator (made-up answers, no cost) or --api ollama (models on this machine).'
  );
}

function readKey(keyFile: string): string {
  const content = readSecretFile(keyFile, '--api-key-file').trim();
  if (content === '') throw new UsageError(`--api-key-file ${keyFile} is empty.`);
  if (/[\r\n]/.test(content))
    throw new UsageError(`--api-key-file ${keyFile} has several lines: it must hold the key alone.`);
  return content;
}

/** A person may have to unlock something. */
const LONGEST_COMMAND_MS = 60_000;
const LARGEST_OUTPUT_BYTES = 65_536;

/** The first line that a program writes. No shell is between: `"two words"` are one argument, and nothing else is special. */
function runForKey(command: string, environment: Environment): string {
  const words = [...command.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)];
  const [program = '', ...args] = words.map(([word, double, single]) => double ?? single ?? word);
  const { status, signal, error, stdout } = spawnSync(program, args, {
    encoding: 'utf8',
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LONGEST_COMMAND_MS,
    maxBuffer: LARGEST_OUTPUT_BYTES,
  });
  const failed = (why: string): UsageError => new UsageError(`${COMMAND} gave no key: ${program} ${why}.`);
  if (error !== undefined) throw failed(`cannot be run, or did not end in time (${errorCode(error)})`);
  if (status !== 0) throw failed(`ended with ${status ?? signal}`);
  const [line = ''] = stdout.trimStart().split(/[\r\n]/, 1);
  if (line.trim() === '') throw failed('wrote nothing');
  return line.trim();
}

function checked(key: string, source: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new UsageError(
    `The key in ${source} has characters that no key has (blanks, control or non-ASCII characters).`,
  );
}

/** Headers that say how a message is carried, or what it is: only sluice may set them. */
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
function parseHeaders(text: string, source: string): readonly Header[] {
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
function readSecretFile(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = errorCode(error) === 'ENOENT' ? 'it does not exist' : errorCode(error);
    throw new UsageError(`${option} ${path} cannot be read: ${reason}.`, { cause: error });
  }
}
