import type { ClusterView } from '../contracts/admin-api.ts';
import { nodeTroubles, type NodeTrouble } from '../contracts/node-condition.ts';
import type { Spoken } from '../contracts/spoken.ts';
import type { Tally } from './health/tally.ts';

const empty: Spoken = {
  sentence: 'No Cloud Service has joined yet. Create a join token to add the first.',
  sentenceKey: 'cluster.empty',
  sentenceValues: {},
};

/** In English, by how many they are. */
const words: Readonly<Record<NodeTrouble, (count: number) => string>> = {
  down: () => 'down',
  refusing: (count) => (count === 1 ? 'refuses to serve' : 'refuse to serve'),
  suspect: () => 'suspect',
};

/** How things are, in one sentence: trouble comes before the rings, and "all are healthy" only when all are. Pure. */
export function clusterSentence(
  { troubled, wellCount: healthy, total }: Tally,
  readiness: Spoken & { readonly state: string },
): Spoken & Pick<ClusterView, 'sentenceParts'> {
  if (total === 0) return empty;
  const parts = nodeTroubles.flatMap((trouble) => partOf(trouble, troubled[trouble]));
  if (parts.length > 0) {
    const verb = healthy === 1 ? 'is' : 'are';
    return {
      sentence: `${healthy} of ${total} Cloud Services ${verb} healthy; ${parts.map(({ sentence }) => sentence).join(', ')}.`,
      sentenceKey: 'cluster.mixed',
      sentenceValues: { healthy, total },
      sentenceParts: parts,
    };
  }
  if (readiness.state !== 'active') {
    const { sentence, sentenceKey, sentenceValues } = readiness;
    return { sentence, sentenceKey, sentenceValues };
  }
  return {
    sentence: `All ${total} Cloud Services are healthy and the rings are active.`,
    sentenceKey: 'cluster.healthy',
    sentenceValues: { total },
  };
}

function partOf(trouble: NodeTrouble, count: number): Spoken[] {
  if (count === 0) return [];
  return [{ sentence: `${count} ${words[trouble](count)}`, sentenceKey: `cluster.parts.${trouble}`, sentenceValues: { count } }];
}
