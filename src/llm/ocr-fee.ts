import type { Prompt } from '../domain/request.ts';
import { isRecord } from '../lib/json.ts';
import { pagesTold } from './pages-told.ts';

/** USD (OpenRouter, PDF inputs: $2 per 1,000 pages). */
const PAGE_USD = 0.002;

/** Mistral takes no longer files. */
const MOST_PAGES = 1000;

/** The most that reading a prompt's PDFs can cost beside its tokens, USD: one engine is paid by the page. */
export function ocrFeeUsdAtMost({ messages, fields = {} }: Prompt): number {
  if (!asksForOcr(fields['plugins'])) return 0;
  const pages = messages
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .map((part) => (part.kind === 'file' ? Math.min(MOST_PAGES, pagesAtMost(part.bytes)) : 0));
  return pages.reduce((sum, count) => sum + count, 0) * PAGE_USD;
}

/** Bytes: a page takes more, where nothing is packed. One object may be shown as many pages: then the file may tell. */
const SMALLEST_PAGE = 400;

function pagesAtMost(pdf: Buffer): number {
  return Math.max(Math.ceil(pdf.length / SMALLEST_PAGE), pagesTold(pdf));
}

function asksForOcr(plugins: unknown): boolean {
  return (
    Array.isArray(plugins) &&
    plugins.filter(isRecord).some(({ pdf }) => isRecord(pdf) && pdf['engine'] === 'mistral-ocr')
  );
}
