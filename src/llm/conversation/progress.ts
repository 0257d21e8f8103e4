import { type Chain, type ChainRules, type Piece, takeReply, UNANSWERED } from '../../dialogue/chain.ts';
import type { Reply } from '../../domain/reply.ts';
import { Unaskable } from './errors.ts';

/** How far a document is: what its parts were answered, and the chain of the part that is asked now. */
export interface Progress {
  readonly pieces: readonly Piece[];
  readonly chain: Chain;
}

const NONE: Progress = { pieces: [], chain: UNANSWERED };

/**
 * Where replies have led, from the beginning or from where those before them did. That a further request followed on
 * each was decided when it came.
 *
 * @throws Unaskable where one of them ended it.
 */
export function progressOf(replies: readonly Reply[], rules: ChainRules, before: Progress = NONE): Progress {
  return replies.reduce<Progress>(({ pieces, chain }, reply) => {
    const step = takeReply(chain, reply, rules, { tokens: 0, grows: true });
    if (step.kind === 'fail') throw new Unaskable(step.code, step.message);
    return step.kind === 'whole'
      ? { pieces: [...pieces, step.piece], chain: UNANSWERED }
      : { pieces, chain: step.chain };
  }, before);
}
