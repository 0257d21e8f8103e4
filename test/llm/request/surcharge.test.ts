import { describe, expect, test } from '@jest/globals';
import { surchargeOf } from '../../../src/llm/request/size.ts';

describe('how much more than listed tokens can cost', () => {
  test.each([
    ['nothing special', {}, 1],
    ['a flexible tier', { service_tier: 'flex' }, 1],
    ['a fast tier', { service_tier: 'priority' }, 2],
    ['a mark for the cache', { cache_control: { type: 'ephemeral' } }, 1.25],
    ['a mark for an hour', { cache_control: { type: 'ephemeral', ttl: '1h' } }, 2],
    ['both', { service_tier: 'fast', cache_control: { type: 'ephemeral', ttl: '1h' } }, 4],
    ['text alone', { modalities: ['text'] }, 1],
    ['images', { modalities: ['image', 'text'] }, Number.POSITIVE_INFINITY],
    ['fields of other types', { cache_control: 'yes', modalities: 'image', service_tier: 1 }, 1],
  ])('where the request asks for %s', (_, fields, surcharge) => {
    expect(surchargeOf(fields)).toBe(surcharge);
  });
});
