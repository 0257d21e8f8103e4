import { UsageError } from '../domain/errors.ts';
import { masked } from '../lib/text.ts';

/** An API that takes chat completions, and how it differs from the others. */
export interface Api {
  readonly name: 'openrouter' | 'openai' | 'ollama' | 'simulator' | 'custom';
  /** Without a trailing slash; `/chat/completions` is added to it. Empty for the simulator until its port is known. */
  readonly baseUrl: string;
  /** What results remember: the base URL, or `simulator`. */
  readonly identity: string;
  readonly loopback: boolean;
  /** There is no default model for it. */
  readonly needsModel: boolean;
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  readonly sendsReasoning: boolean;
  /** It counts the tokens of a streamed answer only when asked to. OpenRouter always does. */
  readonly asksForUsage: boolean;
  /** Asked to, it keeps answers for a while, and gives them again, free of charge, for the same bytes. */
  readonly replaysAnswers: boolean;
  /** It chooses among providers, can be told the most that they may ask, and reads files for models that cannot. */
  readonly routes: boolean;
}

const openrouter: Api = {
  name: 'openrouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  identity: 'https://openrouter.ai/api/v1',
  loopback: false,
  needsModel: false,
  maxTokensField: 'max_tokens',
  sendsReasoning: true,
  asksForUsage: false,
  replaysAnswers: true,
  routes: true,
};

const openai: Api = {
  name: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  identity: 'https://api.openai.com/v1',
  loopback: false,
  needsModel: true,
  maxTokensField: 'max_completion_tokens',
  sendsReasoning: false,
  asksForUsage: true,
  replaysAnswers: false,
  routes: false,
};

const ollama: Api = {
  ...openai,
  name: 'ollama',
  baseUrl: 'http://127.0.0.1:11434/v1',
  identity: 'http://127.0.0.1:11434/v1',
  loopback: true,
  maxTokensField: 'max_tokens',
};

const simulator: Api = { ...openrouter, name: 'simulator', baseUrl: '', identity: 'simulator', loopback: true };

const NAMED: readonly Api[] = [openrouter, openai, ollama, simulator];

/**
 * The API behind a name or a base URL. The simulator has no URL of its own: `{ ...api, baseUrl }` gives it one.
 *
 * @throws UsageError that says what was given and what is allowed.
 */
export function resolveApi(nameOrUrl: string): Api {
  const baseUrl = nameOrUrl.replace(/\/+$/, '');
  const named = NAMED.find((api) => api.name === nameOrUrl || (api.baseUrl !== '' && api.baseUrl === baseUrl));
  return named ?? customApi(nameOrUrl);
}

function customApi(given: string): Api {
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) throw notAnApi(given);
  const url = new URL(given);
  if (url.username !== '' || url.password !== '')
    throw new UsageError('--api must not hold a user name or password: put the key into SLUICE_API_KEY.');

  const baseUrl = url.href.replace(/\/+$/, '');
  if (url.search !== '' || url.hash !== '' || baseUrl.endsWith('/chat/completions')) throw notAnApi(given);
  const loopback = /^(?:localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(url.hostname);
  return {
    ...openrouter,
    name: 'custom',
    baseUrl,
    identity: baseUrl,
    loopback,
    asksForUsage: true,
    // It may be a simulator that was started by itself.
    replaysAnswers: loopback,
    routes: loopback,
  };
}

function notAnApi(given: string): UsageError {
  return new UsageError(
    `--api ${JSON.stringify(masked(given))} is not known: give openrouter, openai, ollama, simulator, ` +
      'or a base URL such as http://host:port/api/v1, without query and without /chat/completions.',
  );
}

/** What people may call an API: its name, host, host with port, and base URL; one of this machine is `localhost`, too. */
export function namesOf({ name, baseUrl, loopback }: Pick<Api, 'name' | 'baseUrl' | 'loopback'>): readonly string[] {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const names = [url?.hostname, url?.host, baseUrl, name === 'custom' ? '' : name, loopback ? 'localhost' : ''];
  return [...new Set(names.filter((known): known is string => known !== undefined && known !== ''))];
}
