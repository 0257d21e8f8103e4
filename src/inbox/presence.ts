import { opendirSync, statSync } from 'node:fs';
import type { InboxEvent } from '../domain/events.ts';
import { errorCode, errorMessage } from '../lib/errors.ts';

/** Knows whether the inbox is there, and whether it is still the same folder. */
export class Presence {
  readonly #root: string;
  /** Null while the inbox is lost, undefined before the first look. */
  #identity: string | null | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** True if the inbox could be listed at the last look. */
  get found(): boolean {
    return typeof this.#identity === 'string';
  }

  /** Whether another look would report something. Costs next to nothing. */
  changed(): boolean {
    return identify(this.#root) !== this.#identity;
  }

  /** Looks, and returns what changed. */
  look(): InboxEvent[] {
    const before = this.#identity;
    this.#identity = identify(this.#root);
    if (before === this.#identity) return [];
    if (this.#identity === null) return [{ type: 'inbox-lost', reason: whyLost(this.#root) }];
    if (before === undefined) return [];
    if (before === null) return [{ type: 'inbox-found' }];
    return [{ type: 'inbox-lost', reason: 'The inbox was replaced by another folder.' }, { type: 'inbox-found' }];
  }
}

/** Null if it cannot be listed. */
function identify(root: string): string | null {
  try {
    opendirSync(root).closeSync();
    return folderIdentity(root);
  } catch {
    return null;
  }
}

function whyLost(root: string): string {
  try {
    opendirSync(root).closeSync();
    return `The inbox ${root} could not be listed a moment ago.`;
  } catch (error) {
    switch (errorCode(error)) {
      case 'ENOENT':
        return `The inbox ${root} does not exist. Make it again, or mount it.`;
      case 'ENOTDIR':
        return `The inbox ${root} is not a folder.`;
      case 'EACCES':
        return `The inbox ${root} may not be listed: its permissions do not allow it.`;
      default:
        return `The inbox ${root} cannot be listed: ${errorMessage(error)}.`;
    }
  }
}

/**
 * Differs from that of another folder that takes the same path; null if there is none. The time of birth counts because
 * a new folder often gets the inode of the one just deleted.
 */
export function folderIdentity(path: string): string | null {
  try {
    const stats = statSync(path);
    return stats.isDirectory() ? `${stats.dev}:${stats.ino}:${stats.birthtimeMs}` : null;
  } catch {
    return null;
  }
}
