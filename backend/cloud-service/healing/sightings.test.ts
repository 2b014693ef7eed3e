import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../controller/testing/manual-clock.ts';
import { Sightings } from './sightings.ts';

describe('since when walks have come across something', () => {
  it('counts from the first walk that did', async () => {
    const clock = createManualClock();
    const sightings = new Sightings(clock, 10);
    expect(sightings.seenForMs('upload')).toBe(0);
    sightings.endWalk(true);
    await clock.advance(500);
    expect(sightings.seenForMs('upload')).toBe(500);
    sightings.endWalk(true);
    await clock.advance(200);
    expect(sightings.seenForMs('upload')).toBe(700);
  });

  it('forgets what a whole walk did not come across, and nothing after one that was broken off', async () => {
    const clock = createManualClock();
    const sightings = new Sightings(clock, 10);
    sightings.seenForMs('upload');
    sightings.endWalk(true);
    await clock.advance(100);
    sightings.endWalk(false);
    expect(sightings.seenForMs('upload')).toBe(100);
    sightings.endWalk(true);
    sightings.endWalk(true);
    await clock.advance(100);
    expect(sightings.seenForMs('upload')).toBe(0);
  });

  it('holds no more than it may', async () => {
    const clock = createManualClock();
    const sightings = new Sightings(clock, 1);
    sightings.seenForMs('first');
    sightings.seenForMs('second');
    sightings.endWalk(true);
    await clock.advance(100);
    expect(sightings.seenForMs('first')).toBe(100);
    expect(sightings.seenForMs('second')).toBe(0);
  });
});
