import type { Api } from './api.ts';

/** What people may call an API: its name, host, host with port, and base URL; one of this machine is `localhost`, too. */
export function namesOf({ name, baseUrl, loopback }: Pick<Api, 'name' | 'baseUrl' | 'loopback'>): readonly string[] {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const names = [url?.hostname, url?.host, baseUrl, name === 'custom' ? '' : name, loopback ? 'localhost' : ''];
  return [...new Set(names.filter((known): known is string => known !== undefined && known !== ''))];
}
