import { readFileSync } from 'node:fs';

/** The version that the package states of itself. */
export function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const stated = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : null;
  return typeof stated === 'string' ? stated : 'unknown';
}
