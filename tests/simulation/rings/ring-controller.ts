import { toHex } from '../../../backend/base/bytes.ts';
import { silentLogger } from '../../../backend/base/logger.ts';
import { failed } from '../../../backend/base/outcome.ts';
import { success } from '../../../backend/base/outcome.ts';
import { peerChannels } from '../../../backend/base/peer-transport.ts';
import type { EpochChangeAnswer } from '../../../backend/contracts/epoch-change.ts';
import type { EpochCertificate, EpochProposal } from '../../../backend/contracts/epoch.ts';
import { failure } from '../../../backend/contracts/errors.ts';
import type { DriverPlant, EpochInChange } from '../../../backend/epochs/change-driver.ts';
import { driveChange } from '../../../backend/epochs/change-driver.ts';
import type { EpochCalls } from '../../../backend/epochs/epoch-calls.ts';
import { proposeChange, type Proposed } from '../../../backend/epochs/propose-change.ts';
import { giveUpInChange, type ControllerSigner } from '../../../backend/epochs/give-up.ts';
import { recoveryText, regimeOf } from '../../../backend/epochs/recovery.ts';
import { certificateDerBase64 } from '../../../backend/epochs/member-signature.ts';
import { compareRegimes } from '../../../backend/register/register-view.ts';
import type { RingSet } from '../../../backend/ring/ring.ts';
import type { PlantName } from '../plants.ts';
import { createSimulatedClock, ProcessLife, type Scheduler } from '../scheduler.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedNetwork } from '../simulated-network.ts';
import { buildRings, genesis } from './ring-node.ts';
import { createSimulatedPki, simulatedCertificate } from './simulated-pki.ts';

const signAsController: ControllerSigner = async (text) => ({
  certificate: certificateDerBase64(simulatedCertificate(genesis.clusterId, genesis.controllerId, 'controller')),
  signature: await createSimulatedPki().sign(genesis.controllerId, text),
});

/** All rings that were ever computed, by digest: what a copy of the Controller's data directory has. */
export class RingBook {
  readonly #rings = new Map<string, RingSet>();

  compute(proposal: EpochProposal): RingSet {
    const previous = proposal.previousDigest === undefined ? null : (this.#rings.get(proposal.previousDigest) as RingSet);
    const rings = buildRings(proposal, genesis.seed, previous);
    this.#rings.set(rings.digest, rings);
    return rings;
  }

  of(digest: string): RingSet {
    return this.#rings.get(digest) as RingSet;
  }
}

/** One start of a Controller: proposes changes and drives them, until it is killed. */
export class RingController {
  readonly life = new ProcessLife();
  readonly #abort = new AbortController();
  readonly #deps: { scheduler: Scheduler; network: SimulatedNetwork; random: SeededRandom; book: RingBook; plant: PlantName | null };
  readonly #calls: EpochCalls;
  readonly #clock;
  readonly #proposer: string;
  current: EpochInChange;

  constructor(
    id: string,
    deps: { scheduler: Scheduler; network: SimulatedNetwork; random: SeededRandom; book: RingBook; plant: PlantName | null },
    current: EpochInChange,
  ) {
    this.#deps = deps;
    this.current = current;
    this.#clock = createSimulatedClock(deps.scheduler, this.life, () => 0);
    this.#proposer = toHex(deps.random.bytes(8));
    const transport = deps.network.attach(id, this.life);
    this.#calls = {
      call: async (nodeId, request) => {
        const payload = Buffer.from(JSON.stringify(request));
        const reply = await transport.request(nodeId, peerChannels.epochChange, payload, { timeoutMs: 1_000 });
        if (reply.kind !== 'reply') return failed(failure('Unreachable', `${nodeId}: ${reply.kind}`));
        const body = JSON.parse(Buffer.from(reply.payload).toString()) as EpochChangeAnswer & { error?: { message: string } };
        return body.error === undefined ? success(body) : failed(failure('EpochConflict', body.error.message));
      },
    };
  }

  kill(): void {
    this.#abort.abort();
    this.life.kill();
  }

  /** Learns the newest epoch from the nodes, as a Controller does that was restored from an old copy. */
  async catchUp(nodeIds: readonly string[]): Promise<void> {
    const answers = await Promise.all(nodeIds.map((id) => this.#calls.call(id, { kind: 'show' })));
    for (const answer of answers)
      if (answer.ok && answer.value.kind === 'shown' && answer.value.certificate !== null) this.learn(answer.value.certificate);
  }

  learn(certificate: EpochCertificate): void {
    const known = this.current.certificate;
    const { proposal, phase, digest, decision } = certificate;
    if (compareRegimes(regimeOf(certificate), regimeOf(known)) <= 0) return;
    const predecessor =
      known.proposal.epoch === proposal.epoch - 1
        ? known
        : known.proposal.epoch === proposal.epoch
          ? this.current.previous?.certificate
          : undefined;
    const previous: EpochCertificate = predecessor ?? {
      format: 1,
      proposal: decision?.predecessor as EpochProposal,
      digest: proposal.previousDigest as string,
      phase: 'active',
      acknowledgements: [],
    };
    this.current = {
      certificate,
      rings: this.#deps.book.of(digest),
      previous: phase === 'active' ? null : { certificate: previous, rings: this.#deps.book.of(proposal.previousDigest as string) },
    };
  }

  async propose(proposal: EpochProposal): Promise<Proposed> {
    const { random, book } = this.#deps;
    const proposed = await proposeChange(
      { clock: this.#clock, random, calls: this.#calls, proposer: this.#proposer },
      { predecessor: this.current.certificate, previousRings: this.current.rings, proposal, rings: book.compute(proposal) },
      this.#abort.signal,
    );
    if (proposed.kind !== 'refused') this.learn(proposed.certificate);
    return proposed;
  }

  /** Proposes rings without nodes that are lost for good. */
  async recover(proposal: EpochProposal, givenUp: readonly string[]): Promise<Proposed> {
    const { digest } = this.#deps.book.compute(proposal);
    const signed = await signAsController(recoveryText(proposal, digest, givenUp));
    return this.propose({ ...proposal, recovery: { givenUp: [...givenUp], ...signed } });
  }

  /** Ends the change that it knows of without nodes that were lost in the midst of it; whether it could. */
  async giveUp(nodeIds: readonly string[]): Promise<boolean> {
    const deps = { clock: this.#clock, random: this.#deps.random, calls: this.#calls, proposer: this.#proposer, sign: signAsController };
    const given = await giveUpInChange(deps, this.current, nodeIds, this.#abort.signal);
    if (given.ok) this.learn(given.value);
    return given.ok;
  }

  drive(): Promise<void> {
    const { random, plant } = this.#deps;
    return driveChange(
      {
        clock: this.#clock,
        random,
        logger: silentLogger,
        calls: this.#calls,
        proposer: this.#proposer,
        current: () => this.current,
        adopt: (certificate) => {
          this.learn(certificate);
          return Promise.resolve(success(undefined));
        },
        plants: new Set(plant === null ? [] : [plant]) as ReadonlySet<DriverPlant>,
      },
      this.#abort.signal,
    );
  }
}
