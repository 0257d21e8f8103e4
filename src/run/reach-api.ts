import type { Api } from '../llm/api.ts';

/** Lets `work` use an API; where that is the simulator, it runs as long. */
export async function withApi<T>(api: Api, work: (reached: Api) => Promise<T>): Promise<T> {
  if (api.name !== 'simulator') return await work(api);
  const { startSimulator } = await import('../simulator/simulator.ts');
  const simulator = await startSimulator({});
  try {
    return await work({ ...api, baseUrl: simulator.url });
  } finally {
    await simulator.close();
  }
}
