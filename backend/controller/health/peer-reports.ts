/**
 * What peers say about nodes that the Controller cannot reach. Only nodes under suspicion have an
 * entry, so memory follows trouble, not the size of the cluster.
 *
 * Invariant: a report counts while it is younger than `freshMs` and was made after the suspicion began.
 */
export interface PeerReports {
  /** Begins to collect about `nodeId`, from these peers. */
  watch(nodeId: string, peers: readonly string[]): void;
  forget(nodeId: string): void;
  /** What to put into the next probe of `peer`; at most 16. */
  questionsFor(peer: string): string[];
  /** Takes what `peer` answered at `nowMs` (monotonic). */
  take(peer: string, answers: readonly { nodeId: string; reachable: boolean; lastAnswerAgoMs: number | null }[], nowMs: number): void;
  /** Fresh reports about `nodeId`. */
  tally(nodeId: string, nowMs: number): { asked: number; reach: number };
  watched(nodeId: string): readonly string[] | undefined;
}

const freshMs = 10_000;
/** A peer that heard from the node this recently reaches it, even if its newest ping is still on its way. */
const recentAnswerMs = 5_000;
const mostQuestions = 16;

export function createPeerReports(): PeerReports {
  const watches = new Map<
    string,
    { peers: readonly string[]; reports: Map<string, { reachable: boolean; atMs: number }>; askedOnce: Set<string> }
  >();
  return {
    watch: (nodeId, peers) => {
      const known = watches.get(nodeId);
      if (known) known.peers = peers;
      else watches.set(nodeId, { peers, reports: new Map(), askedOnce: new Set() });
    },
    forget: (nodeId) => void watches.delete(nodeId),
    questionsFor: (peer) => {
      const questions: string[] = [];
      for (const [nodeId, watch] of watches) {
        if (questions.length === mostQuestions) break;
        if (!watch.peers.includes(peer)) continue;
        watch.askedOnce.add(peer);
        questions.push(nodeId);
      }
      return questions;
    },
    take: (peer, answers, nowMs) => {
      if (watches.size === 0) return;
      for (const answer of answers) {
        const watch = watches.get(answer.nodeId);
        if (!watch?.askedOnce.has(peer)) continue;
        const recent = answer.lastAnswerAgoMs !== null && answer.lastAnswerAgoMs < recentAnswerMs;
        watch.reports.set(peer, { reachable: answer.reachable && (answer.lastAnswerAgoMs === null || recent), atMs: nowMs });
      }
    },
    tally: (nodeId, nowMs) => {
      let asked = 0;
      let reach = 0;
      for (const report of watches.get(nodeId)?.reports.values() ?? []) {
        if (nowMs - report.atMs > freshMs) continue;
        asked += 1;
        if (report.reachable) reach += 1;
      }
      return { asked, reach };
    },
    watched: (nodeId) => watches.get(nodeId)?.peers,
  };
}
