import { lastValueFrom } from 'rxjs';
import type { Catalogue } from '../llm/catalogue.ts';
import { createLlm, type LlmSettings } from '../llm/llm.ts';

/** What the API tells of its models; null where it tells nothing. Through a client of its own, before that of the run. */
export async function askForCatalogue(settings: LlmSettings): Promise<Catalogue | null> {
  const llm = createLlm(settings);
  try {
    return await lastValueFrom(llm.catalogue());
  } finally {
    llm.close();
  }
}
