import type { Catalogue } from '../llm/catalogue.ts';
import type { LlmSettings } from '../llm/create-llm.ts';
import { askForCatalogue } from './ask-for-catalogue.ts';

/** What APIs told of their models, over all sessions of a process: prices that were known once are not lost. */
export class Catalogues {
  readonly #last = new Map<string, Catalogue>();

  /** Asks now; where nothing can be had, what was told last. Null where nothing ever was. */
  async of(settings: LlmSettings): Promise<Catalogue | null> {
    const { identity } = settings.api;
    const catalogue = await askForCatalogue(settings);
    if (catalogue !== null) this.#last.set(identity, catalogue);
    return catalogue ?? this.#last.get(identity) ?? null;
  }
}
