/** An id in the API's shape, of one call: `created` in Unix seconds, `attempt` 1 for the document's first. */
export function generationId(created: number, document: string, attempt: number): string {
  return `gen-${created}-${document.slice(0, 12)}${String(attempt).padStart(8, '0')}`;
}
