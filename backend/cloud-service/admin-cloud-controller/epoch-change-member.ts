import type { Clock } from '../../base/clock.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { EpochChangeAnswer, EpochChangeRequest, RecordedStart } from '../../contracts/epoch-change.ts';
import { epochRefusalSentence } from '../../contracts/epoch-refusal-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { regimeOf } from '../../epochs/recovery.ts';
import { compareRegimes, regimeWith } from '../../register/register-view.ts';
import type { Carrier } from './carrier.ts';
import type { EpochAcceptor } from './epoch-acceptor.ts';
import type { EpochState } from './epoch-state.ts';

export interface EpochChangeMemberDeps {
  readonly clock: Clock;
  readonly epochs: EpochState;
  readonly acceptor: EpochAcceptor;
  /** Undefined before this node serves names. */
  readonly carrier: () => Carrier | undefined;
  readonly starts: {
    /** All recorded starts, and from now on none of a node that does not know `epoch`. */
    collect(epoch: number): Promise<RecordedStart[]>;
    record(starts: readonly RecordedStart[]): Promise<void>;
  };
  readonly selfId: string;
}

/** What this node answers to whoever drives a change of epochs: a Controller or another node. */
export class EpochChangeMember {
  readonly #deps: EpochChangeMemberDeps;
  #drivenAtMs = -Infinity;

  constructor(deps: EpochChangeMemberDeps) {
    this.#deps = deps;
  }

  /** When somebody else was last heard driving a change, by the monotonic clock. */
  get drivenAtMs(): number {
    return this.#drivenAtMs;
  }

  async handle(from: string | null, request: EpochChangeRequest): Promise<Outcome<EpochChangeAnswer>> {
    const { epochs, acceptor, starts, clock } = this.#deps;
    if (request.kind !== 'show' && request.kind !== 'confirm' && from !== this.#deps.selfId) this.#drivenAtMs = clock.monotonicMs();
    switch (request.kind) {
      case 'confirm': {
        const startedMs = clock.monotonicMs();
        const rings = epochs.computeNext(request.proposal, request.previous);
        if (!rings.ok) return rings;
        return success({ kind: 'confirmed', digest: rings.value.digest, computedInMs: clock.monotonicMs() - startedMs });
      }
      case 'prepare':
        return acceptor.prepare(request.epoch, request.ballot);
      case 'accept':
        return acceptor.accept(request.ballot, request.choice);
      case 'adopt': {
        const adopted = await epochs.adopt(request.certificate, from === null ? 'controller' : 'peer', from);
        if (!adopted.ok) return adopted;
        return success({ kind: 'adopted', ...regimeOf(adopted.value.certificate) });
      }
      case 'carry': {
        const { current } = epochs;
        const carrier = this.#deps.carrier();
        if (current === null || carrier === undefined) return failed(spokenFailure('NotReady', epochRefusalSentence('servesNoNames', {})));
        const regime = regimeOf(current.certificate);
        const asked = regimeWith(request.epoch, 'sync', request.round);
        if (request.assign !== undefined && compareRegimes(regime, asked) === 0) carrier.assign(asked, request.assign);
        return success({ kind: 'carried', ...regime, ...carrier.progress(asked) });
      }
      case 'collect-starts': {
        const adopted = await epochs.adopt(request.certificate, 'peer', from);
        if (!adopted.ok) return adopted;
        return success({ kind: 'starts', starts: await starts.collect(request.certificate.proposal.epoch) });
      }
      case 'record-starts':
        await starts.record(request.starts);
        return success({ kind: 'recorded' });
      case 'show':
        return success({
          kind: 'shown',
          certificate: epochs.current?.certificate ?? null,
          rings: (request.digest === undefined ? undefined : epochs.encodedRings(request.digest)) ?? null,
          ...(acceptor.accepted && { accepted: acceptor.accepted }),
        });
    }
  }
}
