import { UsageError } from '../domain/errors.ts';
import { masked, nearest } from '../lib/text.ts';
import { CORE, PRESETS, type Preset } from './presets.ts';

/** An API that takes chat completions, and how it differs from the others. */
export interface Api extends Preset {
  /** What results remember: the base URL, or `simulator`. */
  readonly identity: string;
  readonly loopback: boolean;
}

/** The name of an API without a preset. */
export const CUSTOM = CORE.name;

/** What `--api` takes beside a base URL. */
export const API_NAMES: readonly string[] = PRESETS.map(({ name }) => name);

/**
 * The API behind a name or a base URL, which is that of a preset if its host is. The simulator has no URL of its own:
 * `{ ...api, baseUrl }` gives it one.
 *
 * @throws UsageError that says what was given and what is allowed.
 */
export function resolveApi(nameOrUrl: string): Api {
  const named = PRESETS.find(({ name }) => name === nameOrUrl);
  if (named === undefined) return apiAt(baseUrlOf(nameOrUrl));
  if (/[A-Z]/.test(named.baseUrl))
    throw new UsageError(`--api ${named.name} needs the base URL of your account, as ${named.baseUrl}.`);
  return named.baseUrl === '' ? { ...named, identity: named.name, loopback: true } : apiAt(named.baseUrl, named);
}

/** The API at a server that says which preset it plays: on this machine, it is sent what that preset takes. */
export function simulated(api: Api, name: string): Api {
  const played = PRESETS.find((preset) => preset.name === name);
  if (!api.loopback || played === undefined) return api;
  const row = apiAt(api.baseUrl, played);
  // What it plays is not billed; as OpenRouter, it tells what that would cost.
  return { ...row, free: !row.costsAreUsd };
}

/** An API at a base URL. It is sent what its host is known to take, if no `preset` is named. */
function apiAt(baseUrl: string, preset?: Preset): Api {
  const { protocol, host, hostname } = new URL(baseUrl);
  const loopback = isLoopback(hostname);
  const known = loopback ? `localhost${host.slice(hostname.length)}` : host;
  const mayBeKnown = loopback || protocol === 'https:';
  const served = PRESETS.find(({ hosts }) => mayBeKnown && hosts.some((pattern) => isMatch(known, pattern)));
  const row = preset ?? served ?? CORE;
  const own = { baseUrl, identity: baseUrl, loopback };
  if (!loopback) return { ...row, ...own, keyVariables: served?.keyVariables ?? [] };
  // It may be a simulator, which needs no model. OpenRouter's key goes to whatever stands in for it on this machine.
  return { ...row, ...own, keyVariables: ['OPENROUTER_API_KEY'], needsModel: row !== CORE && row.needsModel };
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(hostname);
}

/** `*` stands for one name, without dots. */
function isMatch(host: string, pattern: string): boolean {
  const names = host.split('.');
  const wanted = pattern.split('.');
  return names.length === wanted.length && wanted.every((name, index) => name === '*' || name === names[index]);
}

/** Without a trailing slash. */
function baseUrlOf(given: string): string {
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) throw notAnApi(given);
  const url = new URL(given);
  if (url.username !== '' || url.password !== '')
    throw new UsageError('--api must not hold a user name or password: put the key into SLUICE_API_KEY.');

  const baseUrl = url.href.replace(/\/+$/, '');
  if (url.search !== '' || url.hash !== '' || baseUrl.endsWith('/chat/completions')) throw notAnApi(given);
  return baseUrl;
}

function notAnApi(given: string): UsageError {
  const meant = nearest(given, API_NAMES);
  return new UsageError(
    `--api ${JSON.stringify(masked(given))} is not known${meant === null ? '' : `: did you mean ${meant}?`}: ` +
      `give ${API_NAMES.join(', ')}, ` +
      'or a base URL such as http://host:port/api/v1, without query and without /chat/completions.',
  );
}

/** What people may call an API: its name, host, host with port, and base URL; one of this machine is `localhost`, too. */
export function namesOf({ name, baseUrl, loopback }: Pick<Api, 'name' | 'baseUrl' | 'loopback'>): readonly string[] {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const names = [url?.hostname, url?.host, baseUrl, name === CUSTOM ? '' : name, loopback ? 'localhost' : ''];
  return [...new Set(names.filter((known): known is string => known !== undefined && known !== ''))];
}

/** For people. */
export function apiInWords({ name, baseUrl }: Pick<Api, 'name' | 'baseUrl'>): string {
  return name === 'simulator' ? 'the simulator' : baseUrl;
}
