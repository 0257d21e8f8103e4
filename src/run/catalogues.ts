import { type Catalogue, TELLS_NOTHING } from '../llm/catalogue.ts';
import type { LlmSettings } from '../llm/llm.ts';
import { askForCatalogue } from './ask-for-catalogue.ts';

/** What APIs told of their models, over all sessions of a process: prices that were known once are not lost. */
export class Catalogues {
  readonly #last = new Map<string, Catalogue>();

  /** What was told last; null where nothing ever was. */
  last({ identity }: LlmSettings['api']): Catalogue | null {
    return this.#last.get(identity) ?? null;
  }

  /** Asks now; where nothing can be had, what was told last. Null where nothing ever was. */
  async of(settings: LlmSettings): Promise<Catalogue | null> {
    const catalogue = await askForCatalogue(settings);
    const last = this.last(settings.api);
    if (catalogue === null || (catalogue === TELLS_NOTHING && last !== null)) return last;
    this.#last.set(settings.api.identity, catalogue);
    return catalogue;
  }
}
