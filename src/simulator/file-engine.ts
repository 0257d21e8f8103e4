import { isRecord } from '../lib/json.ts';

/** What makes a PDF fit for a model. */
export type FileEngine = 'native' | 'cloudflare-ai' | 'mistral-ocr';

const PAGE_USD = 0.002;

/** The engine that a request's plugins name; null where they name none. */
export function fileEngine(plugins: unknown): FileEngine | null {
  const parser = Array.isArray(plugins) ? plugins.filter(isRecord).find(({ id }) => id === 'file-parser') : undefined;
  const pdf = parser === undefined || parser['enabled'] === false ? undefined : parser['pdf'];
  const engine = isRecord(pdf) ? pdf['engine'] : undefined;
  if (engine === 'pdf-text') return 'cloudflare-ai';
  return engine === 'native' || engine === 'cloudflare-ai' || engine === 'mistral-ocr' ? engine : null;
}

/** Where none is named: `native` for models that take files, the one that costs for all others. */
export function engineFor(engine: FileEngine | null, takesFiles: boolean): FileEngine {
  return engine ?? (takesFiles ? 'native' : 'mistral-ocr');
}

export function engineUsd(engine: FileEngine, pages: number): number {
  return engine === 'mistral-ocr' ? pages * PAGE_USD : 0;
}
