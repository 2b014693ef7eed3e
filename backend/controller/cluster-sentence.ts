import type { ClusterView } from '../contracts/admin-api.ts';
import { nodeTroubles, type NodeTrouble } from '../contracts/node-condition.ts';
import type { Spoken } from '../contracts/spoken.ts';
import type { Tally } from './health/tally.ts';

const empty: Spoken = {
  sentence: 'No Cloud Service has joined yet. Create a join token to add the first.',
  sentenceKey: 'cluster.empty',
  sentenceValues: {},
};

type Kind = NodeTrouble | 'removedInRings' | 'starting' | 'joining' | 'draining';
/** Nothing is wrong with them, and yet they are not among the healthy ones. */
const onTheWay = ['starting', 'joining', 'draining'] as const;

/** In English, by how many they are. */
const words: Readonly<Record<Kind, (count: number) => string>> = {
  down: () => 'down',
  refusing: (count) => (count === 1 ? 'refuses to serve' : 'refuse to serve'),
  unheard: () => 'draining without an answer',
  suspect: () => 'suspect',
  removedInRings: () => 'removed, but still in the rings',
  starting: () => 'not serving yet',
  joining: () => 'joining',
  draining: () => 'draining',
};

/** How things are, in one sentence: trouble comes before the rings, and all are healthy only when every single one is. Pure. */
export function clusterSentence(
  { troubled, well, total }: Tally,
  readiness: Spoken & { readonly state: string },
  removedInRings = 0,
): Spoken & Pick<ClusterView, 'sentenceParts'> {
  if (total === 0) return empty;
  const parts = nodeTroubles.flatMap((trouble) => partOf(trouble, troubled[trouble]));
  if (parts.length === 0 && readiness.state !== 'active') {
    const { sentence, sentenceKey, sentenceValues } = readiness;
    return { sentence, sentenceKey, sentenceValues };
  }
  parts.push(...partOf('removedInRings', removedInRings));
  parts.push(...onTheWay.flatMap((kind) => partOf(kind, well[kind])));
  if (parts.length > 0) return mixed(well.healthy, total, parts);
  return {
    sentence: `All ${total} Cloud Services are healthy and the rings are active.`,
    sentenceKey: 'cluster.healthy',
    sentenceValues: { total },
  };
}

function mixed(healthy: number, total: number, parts: Spoken[]): ReturnType<typeof clusterSentence> {
  const verb = healthy === 1 ? 'is' : 'are';
  return {
    sentence: `${healthy} of ${total} Cloud Services ${verb} healthy; ${parts.map(({ sentence }) => sentence).join(', ')}.`,
    sentenceKey: 'cluster.mixed',
    sentenceValues: { healthy, total },
    sentenceParts: parts,
  };
}

function partOf(kind: Kind, count: number): Spoken[] {
  if (count === 0) return [];
  return [{ sentence: `${count} ${words[kind](count)}`, sentenceKey: `cluster.parts.${kind}`, sentenceValues: { count } }];
}
