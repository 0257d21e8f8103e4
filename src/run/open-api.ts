import { findAccess, secretsOf } from '../llm/access.ts';
import type { Api } from '../llm/api.ts';
import { recognise } from '../llm/llm.ts';
import { closedAfter } from './closing.ts';
import type { Asked, RunContext } from './prepare.ts';

/**
 * An API as it is called. Starts the simulator if it is that, and fills in its base URL: a port of its own, which results
 * do not remember.
 */
export async function openApi(
  api: Api,
  version: string,
): Promise<{ readonly api: Api; readonly close: () => Promise<void> }> {
  if (api.name !== 'simulator') return { api: await recognise(api, version), close: () => Promise.resolve() };
  const { startSimulator } = await import('../simulator/simulator.ts');
  const simulator = await startSimulator({});
  return { api: { ...api, baseUrl: simulator.url }, close: () => simulator.close() };
}

/** Lets `work` use an API, which is open until that is done. */
export async function withApi<T>(api: Api, version: string, work: (open: Api) => Promise<T>): Promise<T> {
  const opened = await openApi(api, version);
  return closedAfter(work(opened.api), opened.close);
}

/** What a client needs that asks an API for what costs nothing. Its keys are added to `secrets`. */
export function freeClient(
  api: Api,
  { options, environment }: Pick<Asked, 'options' | 'environment'>,
  { version, secrets }: Pick<RunContext, 'version'> & { readonly secrets: Set<string> },
) {
  const access = findAccess(api, environment, options);
  for (const secret of secretsOf(access)) secrets.add(secret);
  return { ...options, ...access, api, connections: 1, version };
}
