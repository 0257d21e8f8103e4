import type { Api } from '../llm/api.ts';

interface OpenApi {
  /** With its base URL filled in. */
  readonly api: Api;
  readonly close: () => Promise<void>;
}

/** Starts the simulator if that is the API. It gets a port of its own, which results do not remember. */
export async function openApi(api: Api): Promise<OpenApi> {
  if (api.name !== 'simulator') return { api, close: () => Promise.resolve() };
  const { startSimulator } = await import('../simulator/simulator.ts');
  const simulator = await startSimulator({});
  return { api: { ...api, baseUrl: simulator.url }, close: () => simulator.close() };
}

/** Lets `work` use an API, which is open until that is done. */
export async function withApi<T>(api: Api, work: (open: Api) => Promise<T>): Promise<T> {
  const opened = await openApi(api);
  try {
    return await work(opened.api);
  } finally {
    await opened.close();
  }
}
