import type { ReplyExtras } from '../domain/reply.ts';

/** What came with several replies, as if with one. */
export function mergeExtras(one: ReplyExtras, other: ReplyExtras): ReplyExtras {
  const reasoning = [one.reasoning, other.reasoning].filter((text) => text !== undefined).join('\n\n');
  const tokens = [one.reasoningTokens, other.reasoningTokens].filter((count) => count !== undefined);
  const refusal = other.refusal ?? one.refusal;
  const annotations = distinct([...(one.annotations ?? []), ...(other.annotations ?? [])]);
  const images = [...(one.images ?? []), ...(other.images ?? [])];
  return {
    ...(reasoning !== '' && { reasoning }),
    ...(tokens.length > 0 && { reasoningTokens: tokens.reduce((sum, count) => sum + count, 0) }),
    ...(refusal !== undefined && { refusal }),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images }),
  };
}

/** A file that was parsed once is told with every reply. */
function distinct(annotations: readonly unknown[]): readonly unknown[] {
  return [...new Map(annotations.map((annotation) => [JSON.stringify(annotation), annotation])).values()];
}
