import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addressTexts, admissionTexts, certificateRequestTexts } from '../admission-texts.ts';
import { callTexts, identityTexts } from '../call-texts.ts';
import { drainStateTexts, drainTexts, removalTexts } from '../drain-texts.ts';
import { epochRefusalTexts } from '../epoch-refusal-texts.ts';
import { eventTexts } from '../event-texts.ts';
import { desktopRefusalTexts } from '../desktop-refusal-texts.ts';
import { fileRefusalTexts } from '../file-refusal-texts.ts';
import { invalidPartTexts, invalidTexts } from '../invalid-texts.ts';
import { nameRefusalTexts, unavailableTexts, unknownOutcomeTexts } from '../name-refusal-texts.ts';
import { nodeStateTexts, refusalTexts } from '../refusal-texts.ts';
import { ringFailureTexts, ringPartTexts } from '../ring-texts.ts';
import { resolveTexts } from '../resolve-texts.ts';
import { servingTexts } from '../serving-texts.ts';
import { storageTexts } from '../storage-texts.ts';
import { systemTexts } from '../system-texts.ts';
import { vietnameseSentences } from './sentences.ts';

type Table = Readonly<Record<string, string>>;
/** By what their translations are found under. */
const tables: Readonly<Record<string, Table>> = {
  events: Object.fromEntries(Object.entries(eventTexts).map(([id, { text }]) => [id, text])),
  removal: removalTexts,
  drain: drainTexts,
  drainState: drainStateTexts,
  resolve: resolveTexts,
  ringFailure: ringFailureTexts,
  ringPart: ringPartTexts,
  call: callTexts,
  identity: identityTexts,
  unavailable: unavailableTexts,
  refusal: refusalTexts,
  nodeState: nodeStateTexts,
  invalid: invalidTexts,
  invalidPart: invalidPartTexts,
  nameRefusal: nameRefusalTexts,
  unknownOutcome: unknownOutcomeTexts,
  desktopRefusal: desktopRefusalTexts,
  fileRefusal: fileRefusalTexts,
  epochRefusal: epochRefusalTexts,
  admission: admissionTexts,
  certificateRequest: certificateRequestTexts,
  address: addressTexts,
  serving: servingTexts,
  storage: storageTexts,
  system: systemTexts,
};

it('every family of sentences that is made has its texts here', () => {
  const contracts = join(import.meta.dirname, '..');
  const made = readdirSync(contracts)
    .filter((name) => name.endsWith('-texts.ts'))
    .flatMap((name) => [...readFileSync(join(contracts, name), 'utf8').matchAll(/sentencesOf\(\s*'(\w+)'/g)].map(([, family]) => family));
  expect([...made, 'events'].toSorted()).toEqual(Object.keys(tables).toSorted());
});

describe.each(Object.entries(tables))('what the Controller says in Vietnamese: %s', (family, english) => {
  const vietnamese = vietnameseSentences[family] as Table;

  it('has a text for every one of the table, and none is left over', () => {
    // What is said is made from the table, so a new sentence is in it.
    expect(Object.keys(vietnamese).toSorted()).toEqual(Object.keys(english).toSorted());
  });

  it('names the same values as the English', () => {
    const values = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].toSorted();
    expect(Object.keys(english).filter((id) => values(english[id] ?? '').join() !== values(vietnamese[id] ?? '').join())).toEqual([]);
  });
});
