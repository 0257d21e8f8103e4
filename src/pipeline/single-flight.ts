import type { GivenUp } from './retry-policy.ts';

/** What became of the document that was asked for all: answered, given up with a reason, or neither. */
type Result = 'answered' | GivenUp | null;

interface Flight {
  readonly fingerprint: string;
  /** The document that is asked. */
  leader: string;
  result: Result;
  readonly followers: Set<Follower>;
}

interface Follower {
  readonly id: string;
  readonly wake: () => void;
}

/** What a document is to do about its question. */
export type Joined =
  /** It is the one to ask. */
  | { readonly kind: 'leads' }
  /** Another one is being asked; `landed` calls back once when it is time to join again, and returns how to stop waiting. */
  | { readonly kind: 'follows'; readonly landed: (wake: () => void) => () => void }
  /** Another one was answered: the answer is in the ledger. If it is not, the document is to join again. */
  | { readonly kind: 'answered' }
  /** Another one was asked in vain: it would fare no better. */
  | { readonly kind: 'shares'; readonly why: GivenUp; readonly with: string };

/**
 * Identical documents are asked once: the first one leads, the others wait for it and share its result. If it leaves without
 * one (it is gone, or has to wait for long), the next in line is asked.
 */
export class SingleFlight {
  readonly #byFingerprint = new Map<string, Flight>();
  readonly #byLeader = new Map<string, Flight>();
  /** What followers that were woken get when they join again, by document. */
  readonly #shares = new Map<string, { readonly fingerprint: string; readonly joined: Joined }>();

  join(fingerprint: string, id: string): Joined {
    const share = this.#shares.get(id);
    this.#shares.delete(id);
    if (share?.fingerprint === fingerprint) return share.joined;
    const flight = this.#byFingerprint.get(fingerprint);
    if (flight?.leader === id) return { kind: 'leads' };
    // It led for other bytes, which changed.
    this.leave(id);
    if (flight !== undefined) return { kind: 'follows', landed: (wake) => this.#follow(flight, { id, wake }) };
    this.#lead({ fingerprint, leader: id, result: null, followers: new Set() });
    return { kind: 'leads' };
  }

  /** Records the leader's result: its answer is in the ledger, or it was given up. Ignored for a document that does not lead. */
  decided(id: string, result: 'answered' | GivenUp): void {
    const flight = this.#byLeader.get(id);
    if (flight !== undefined) flight.result = result;
  }

  /** The document is done with, whatever came of it. */
  leave(id: string): void {
    this.#shares.delete(id);
    const flight = this.#byLeader.get(id);
    if (flight === undefined) return;
    this.#byLeader.delete(id);
    this.#byFingerprint.delete(flight.fingerprint);
    const [heir] = flight.followers;
    if (heir === undefined) return;
    const { result, fingerprint } = flight;
    if (result === null) {
      this.#lead(Object.assign(flight, { leader: heir.id }));
      flight.followers.delete(heir);
      heir.wake();
      return;
    }
    const joined: Joined = result === 'answered' ? { kind: 'answered' } : { kind: 'shares', why: result, with: id };
    for (const follower of flight.followers) {
      flight.followers.delete(follower);
      this.#shares.set(follower.id, { fingerprint, joined });
      follower.wake();
    }
  }

  #lead(flight: Flight): void {
    this.#byFingerprint.set(flight.fingerprint, flight);
    this.#byLeader.set(flight.leader, flight);
  }

  #follow(flight: Flight, follower: Follower): () => void {
    // It may have ended before anyone waited for it.
    if (this.#byFingerprint.get(flight.fingerprint) === flight) flight.followers.add(follower);
    else follower.wake();
    return () => flight.followers.delete(follower);
  }
}
