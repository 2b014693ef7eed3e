import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterRpcClient, ClusterRpcServer, ClusterTarget } from '../../../backend/base/cluster-rpc.ts';
import { failed, success } from '../../../backend/base/outcome.ts';
import { failure, spokenFailure } from '../../../backend/contracts/errors.ts';
import { ringPartSentence } from '../../../backend/contracts/ring-texts.ts';

/** One Controller and two nodes that can call each other. `settle` lets virtual time pass until the promise is decided. */
export interface RpcNetworkUnderTest {
  readonly controller: RpcParty;
  readonly one: RpcParty;
  readonly two: RpcParty;
  /** An address where nobody listens. */
  readonly nowhere: string;
  settle<T>(promise: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface RpcParty {
  readonly id: string;
  readonly target: ClusterTarget;
  readonly server: ClusterRpcServer;
  readonly client: ClusterRpcClient;
}

/** What calls between Controller and nodes owe their users; run by the real network and by the simulated one. */
export function clusterRpcContract(name: string, create: () => Promise<RpcNetworkUnderTest>): void {
  describe(`cluster calls: ${name}`, () => {
    let network: RpcNetworkUnderTest | undefined;
    const open = async (): Promise<RpcNetworkUnderTest> => (network = await create());
    afterEach(async () => {
      await network?.close();
      network = undefined;
    });
    const timeoutMs = 5000;

    it('says who calls, as the certificate proves it', async () => {
      const net = await open();
      net.two.server.handle('who', ['node', 'controller'], (request) => Promise.resolve(success(request.from)));
      expect(await net.settle(net.one.client.call(net.two.target, 'who', {}, { timeoutMs }))).toMatchObject({
        ok: true,
        value: { kind: 'node', nodeId: net.one.id },
      });
      expect(await net.settle(net.controller.client.call(net.two.target, 'who', {}, { timeoutMs }))).toMatchObject({
        ok: true,
        value: { kind: 'controller', controllerId: net.controller.id },
      });
    });

    it('carries JSON bodies and answers unchanged', async () => {
      const net = await open();
      net.two.server.handle('echo', ['node'], (request) => Promise.resolve(success(request.body)));
      for (const body of [{ text: 'ä€😀', list: [1, 2.5, null], deep: { yes: true } }, [], 'text', 0, null]) {
        expect(await net.settle(net.one.client.call(net.two.target, 'echo', body, { timeoutMs }))).toEqual({ ok: true, value: body });
      }
    });

    it('brings failures back as values, with code, message and details', async () => {
      const net = await open();
      const problem = failure('TokenExpired', 'The token ended.', { tokenId: 'x' });
      net.controller.server.handle('refuse', ['node'], () => Promise.resolve(failed(problem)));
      expect(await net.settle(net.one.client.call(net.controller.target, 'refuse', {}, { timeoutMs }))).toEqual({
        ok: false,
        failure: problem,
      });
    });

    it('brings back what a failure says by key and values as well', async () => {
      const net = await open();
      const problem = spokenFailure('Unreachable', ringPartSentence('said', { name: 'han-1', reason: 'refused' }));
      net.controller.server.handle('refuse', ['node'], () => Promise.resolve(failed(problem)));
      expect(await net.settle(net.one.client.call(net.controller.target, 'refuse', {}, { timeoutMs }))).toEqual({
        ok: false,
        failure: problem,
      });
    });

    it('does not run a handler for identities that it is not for', async () => {
      const net = await open();
      let runs = 0;
      net.two.server.handle('controllers-only', ['controller'], () => {
        runs += 1;
        return Promise.resolve(success(null));
      });
      expect(await net.settle(net.one.client.call(net.two.target, 'controllers-only', {}, { timeoutMs }))).toMatchObject({
        ok: false,
        failure: { code: 'AccessDenied' },
      });
      expect(runs).toBe(0);
    });

    it('names unknown methods, and takes no method twice until it is disposed of', async () => {
      const net = await open();
      expect(await net.settle(net.one.client.call(net.two.target, 'nothing', {}, { timeoutMs }))).toMatchObject({
        ok: false,
        failure: { code: 'NotFound' },
      });
      const registered = net.two.server.handle('once', ['node'], () => Promise.resolve(success(1)));
      expect(() => net.two.server.handle('once', ['node'], () => Promise.resolve(success(2)))).toThrow();
      registered.dispose();
      net.two.server.handle('once', ['node'], () => Promise.resolve(success(3)));
      expect(await net.settle(net.one.client.call(net.two.target, 'once', {}, { timeoutMs }))).toEqual({ ok: true, value: 3 });
    });

    it('answers InternalError when a handler throws', async () => {
      const net = await open();
      net.two.server.handle('defect', ['node'], () => Promise.reject(new Error('a defect')));
      expect(await net.settle(net.one.client.call(net.two.target, 'defect', {}, { timeoutMs }))).toMatchObject({
        ok: false,
        failure: { code: 'InternalError' },
      });
    });

    it('answers Timeout when nobody answers in time, Unreachable where nobody listens', async () => {
      const net = await open();
      net.two.server.handle('slow', ['node'], () => new Promise(() => undefined));
      expect(await net.settle(net.one.client.call(net.two.target, 'slow', {}, { timeoutMs: 50 }))).toMatchObject({
        ok: false,
        failure: { code: 'Timeout' },
      });
      const nobody: ClusterTarget = { url: net.nowhere, expected: net.two.target.expected };
      expect(await net.settle(net.one.client.call(nobody, 'slow', {}, { timeoutMs }))).toMatchObject({
        ok: false,
        failure: { code: 'Unreachable' },
      });
    });

    it('calls nobody but the expected process', async () => {
      const net = await open();
      let runs = 0;
      net.controller.server.handle('secret', ['node'], () => {
        runs += 1;
        return Promise.resolve(success(null));
      });
      const mistaken: ClusterTarget = { url: net.controller.target.url, expected: net.two.target.expected };
      expect(await net.settle(net.one.client.call(mistaken, 'secret', {}, { timeoutMs }))).toMatchObject({
        ok: false,
        failure: { code: 'Unreachable' },
      });
      expect(runs).toBe(0);
    });
  });
}
