import { limitOf } from '../../src/gate/adaptive-limit.ts';
import { Lane, type SeatKeeper, TicketSeat } from '../../src/gate/model-limiter.ts';
import type { RecipeShare } from '../../src/gate/recipe-limits.ts';
import { fresh } from './with-gate.ts';

const NOBODY: SeatKeeper = {
  askToReserve: () => () => undefined,
  askToFly: () => () => undefined,
  landed: () => undefined,
  heed: () => undefined,
};

/** A recipe without limits of its own. */
const WHOLE: RecipeShare = { reserve: () => ({ kind: 'reserved' }), settle: () => undefined };

/** A lane that takes no more than so many calls. */
export function laneOf(concurrency: number): Lane {
  return new Lane('api', 'model', limitOf({ concurrency, concurrencyMax: concurrency }));
}

/** A seat without a gate, taken at 0. */
export function seatOf(lane: Lane = laneOf(10)): TicketSeat {
  return new TicketSeat(NOBODY, fresh, lane, WHOLE, 0);
}
