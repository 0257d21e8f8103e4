import { Observable, type Subscriber } from 'rxjs';
import type { GivenUp } from './call-outcome.ts';

/** What became of the one document that was asked for all: answered, given up with a reason, or neither. */
type Fate = 'answered' | GivenUp | null;

interface Flight {
  readonly fingerprint: string;
  /** The document that is asked. */
  leader: string;
  fate: Fate;
  readonly waiting: Set<Waiting>;
}

interface Waiting {
  readonly id: string;
  readonly subscriber: Subscriber<void>;
}

/** What a document is to do about its question. */
type Boarding =
  /** It is the one to ask. */
  | { readonly kind: 'leads' }
  /** Another one is being asked; `landing` emits once when it is worth another look. */
  | { readonly kind: 'waits'; readonly landing: Observable<void> }
  /** Another one was asked in vain: it would fare no better. */
  | { readonly kind: 'shares'; readonly why: GivenUp; readonly with: string };

/**
 * Identical documents are asked once: the first one to come leads, the others wait for it and share its fate. Where it
 * left without one (it is gone, or has to wait for long), the next in line is asked.
 */
export class Flights {
  readonly #byFingerprint = new Map<string, Flight>();
  readonly #byLeader = new Map<string, Flight>();
  /** What those that were woken are yet to hear, by document. */
  readonly #shares = new Map<string, Extract<Boarding, { kind: 'shares' }> & { readonly fingerprint: string }>();

  board(fingerprint: string, id: string): Boarding {
    const share = this.#shares.get(id);
    this.#shares.delete(id);
    if (share?.fingerprint === fingerprint) return share;
    const flight = this.#byFingerprint.get(fingerprint);
    if (flight?.leader === id) return { kind: 'leads' };
    // It led for other bytes, which changed.
    this.leave(id);
    if (flight !== undefined) return { kind: 'waits', landing: this.#landing(flight, id) };
    this.#lead({ fingerprint, leader: id, fate: null, waiting: new Set() });
    return { kind: 'leads' };
  }

  /** The leader's answer is in the ledger, or it was given up; said of another document it means nothing. */
  decided(id: string, fate: 'answered' | GivenUp): void {
    const flight = this.#byLeader.get(id);
    if (flight !== undefined) flight.fate = fate;
  }

  /** The document is done with, whatever came of it. */
  leave(id: string): void {
    const flight = this.#byLeader.get(id);
    if (flight === undefined) return;
    this.#byLeader.delete(id);
    this.#byFingerprint.delete(flight.fingerprint);
    const [heir] = flight.waiting;
    if (heir === undefined) return;
    const { fate, fingerprint } = flight;
    if (fate === null) this.#lead(Object.assign(flight, { leader: heir.id }));
    for (const { id: other, subscriber } of fate === null ? [heir] : [...flight.waiting]) {
      if (fate !== null && fate !== 'answered')
        this.#shares.set(other, { kind: 'shares', why: fate, with: id, fingerprint });
      subscriber.next();
      subscriber.complete();
    }
  }

  #lead(flight: Flight): void {
    this.#byFingerprint.set(flight.fingerprint, flight);
    this.#byLeader.set(flight.leader, flight);
  }

  #landing(flight: Flight, id: string): Observable<void> {
    return new Observable((subscriber) => {
      const waiting = { id, subscriber };
      // It may have landed before anybody waits for it.
      if (this.#byFingerprint.get(flight.fingerprint) !== flight) subscriber.next();
      else flight.waiting.add(waiting);
      return () => flight.waiting.delete(waiting);
    });
  }
}
