import type { ReplyExtras } from '../domain/reply.ts';
import type { ParsedReply } from './reply/reply.ts';

/** What comes with the text of a reply: only what is there. */
export function extrasOf({ reasoning, refusal, annotations, images, usage }: ParsedReply): ReplyExtras {
  const reasoningTokens = usage?.reasoningTokens ?? null;
  return {
    ...(reasoning !== null && { reasoning }),
    ...(reasoningTokens !== null && { reasoningTokens }),
    ...(refusal !== null && { refusal }),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images }),
  };
}
