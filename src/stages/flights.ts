import { Observable, type Subscriber } from 'rxjs';

interface Flight {
  readonly fingerprint: string;
  /** The document that is asked. */
  leader: string;
  answered: boolean;
  readonly waiting: Set<Waiting>;
}

interface Waiting {
  readonly id: string;
  readonly subscriber: Subscriber<void>;
}

/**
 * Identical documents are asked once: the first one to come leads, the others wait for its answer. Where it brings none,
 * the next in line is asked, and that one alone: all at once would fail all at once.
 */
export class Flights {
  readonly #byFingerprint = new Map<string, Flight>();
  readonly #byLeader = new Map<string, Flight>();

  /** Null where document `id` is the one to ask; else emits once when it is worth another look. */
  join(fingerprint: string, id: string): Observable<void> | null {
    const flight = this.#byFingerprint.get(fingerprint);
    if (flight?.leader === id) return null;
    // It led for other bytes, which changed.
    this.leave(id);
    if (flight !== undefined) return this.#landing(flight, id);
    this.#lead({ fingerprint, leader: id, answered: false, waiting: new Set() });
    return null;
  }

  /** The leader's answer is in the ledger. */
  answered(id: string): void {
    const flight = this.#byLeader.get(id);
    if (flight !== undefined) flight.answered = true;
  }

  /** The document is done with, whatever came of it. */
  leave(id: string): void {
    const flight = this.#byLeader.get(id);
    if (flight === undefined) return;
    this.#byLeader.delete(id);
    this.#byFingerprint.delete(flight.fingerprint);
    const [heir] = flight.waiting;
    if (heir === undefined) return;
    if (!flight.answered) this.#lead(Object.assign(flight, { leader: heir.id }));
    for (const { subscriber } of flight.answered ? [...flight.waiting] : [heir]) {
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
      flight.waiting.add(waiting);
      return () => flight.waiting.delete(waiting);
    });
  }
}
