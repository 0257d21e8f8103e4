import { fields, listOf } from './container-shapes.ts';
import { either, number, oneOf, orNull, scalar, text, trueOrFalse } from './shapes.ts';

/** USD per million tokens; the API's own examples write it as a text. */
const price = scalar('US dollars per million tokens, as 2.50', (value): value is number | string => {
  return (typeof value === 'number' && value >= 0) || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value));
});

const percentiles = fields({ p50: number(0), p75: number(0), p90: number(0), p99: number(0) }, { open: true });

const preference = orNull(either(number(0), percentiles));

const order = oneOf('price', 'throughput', 'latency', 'exacto');

const slugs = orNull(listOf(text));

/** Which providers OpenRouter may choose among (openapi: ProviderPreferences). */
export const provider = orNull(
  fields(
    {
      allow_fallbacks: orNull(trueOrFalse),
      data_collection: orNull(oneOf('allow', 'deny')),
      enforce_distillable_text: orNull(trueOrFalse),
      ignore: slugs,
      max_price: fields(
        { prompt: price, completion: price, request: price, image: price, audio: price },
        { open: true },
      ),
      only: slugs,
      order: slugs,
      preferred_max_latency: preference,
      preferred_min_throughput: preference,
      quantizations: orNull(
        listOf(
          oneOf('int4', 'int8', 'fp4', 'mxfp4', 'nvfp4', 'fp6', 'fp8', 'mxfp8', 'fp16', 'bf16', 'fp32', 'unknown'),
        ),
      ),
      require_parameters: orNull(trueOrFalse),
      sort: orNull(
        either(order, fields({ by: orNull(order), partition: orNull(oneOf('model', 'none')) }, { open: true })),
      ),
      zdr: orNull(trueOrFalse),
    },
    { open: true },
  ),
);
