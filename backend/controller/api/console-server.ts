import fastifyCookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import fastifySwagger from '@fastify/swagger';
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifyError, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import Fastify from 'fastify';
import type { Service } from '../../base/lifecycle.ts';
import { failed } from '../../base/outcome.ts';
import { readRequestsThroughStreams } from '../../base/requests-through-streams.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { ErrorBody } from '../../contracts/error-body.ts';
import { isStorageFull } from '../storage-full.ts';
import { invalidRequest } from '../../contracts/invalid-request.ts';
import { bucketsRoutes } from './buckets-routes.ts';
import { clusterRoutes } from './cluster-routes.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer } from './console-app.ts';
import { eventsRoutes } from './events-routes.ts';
import { exportRoutes } from './export-routes.ts';
import type { LiveStreams } from './live-streams.ts';
import { drainRoutes } from './drain-routes.ts';
import { healingRoutes } from './healing-routes.ts';
import { insightRoutes } from './insight-routes.ts';
import { nodesRoutes } from './nodes-routes.ts';
import { recoveryRoutes } from './recovery-routes.ts';
import { ringsRoutes } from './rings-routes.ts';
import { allowedHosts, apiPrefix, checkHostAndOrigin, securityHeaders, tokenOf } from './security.ts';
import { sessionRoutes } from './session-routes.ts';
import { tokensRoutes } from './tokens-routes.ts';
import { usersRoutes } from './users-routes.ts';

const largestBodyBytes = 256 * 1024;
const mostConnections = 1_000;

export interface ConsoleListen {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly certificatePem: string; readonly privateKeyPem: string };
  /** Further names (without port) under which browsers reach the console. */
  readonly names?: readonly string[];
}

export interface ConsoleServer extends Service {
  readonly port: number;
  /** New connections get this certificate. Only for a console that was given one at first. */
  useCertificate(tls: NonNullable<ConsoleListen['tls']>): void;
}

/** The console port: page, admin API, event stream, /metrics and /healthz. */
export function createConsoleServer(options: {
  context: ConsoleContext;
  streams: LiveStreams;
  listen: ConsoleListen;
  pagesDirectory?: string;
}): ConsoleServer {
  const { context, streams, listen } = options;
  const scheme = listen.tls ? 'https' : 'http';
  const common = {
    bodyLimit: largestBodyBytes,
    forceCloseConnections: true,
    requestTimeout: 30_000,
    return503OnClosing: true,
    trustProxy: false,
  } as const;
  const https = listen.tls && { cert: listen.tls.certificatePem, key: listen.tls.privateKeyPem, minVersion: 'TLSv1.3' as const };
  // Fastify types its HTTPS servers apart; nothing here depends on the difference.
  const app = (https ? Fastify({ ...common, https }) : Fastify(common)) as unknown as ConsoleApp;
  if (https) readRequestsThroughStreams(app.server);
  let boundPort = listen.port;
  let hosts: ReadonlySet<string> = new Set();

  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  // Schemas describe answers for OpenAPI; the values are made from the same types, so they are not filtered again.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.decorateRequest('administrator', undefined);
  acceptEmptyBodies(app);
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers(securityHeaders(listen.tls !== undefined));
    const allowed = checkHostAndOrigin(request, hosts, scheme);
    if (allowed.ok) done();
    else answer(reply, allowed);
  });
  app.setErrorHandler<FastifyError>((error, request, reply) => answerError(context, error, request, reply));
  app.setNotFoundHandler((request, reply) => notFound(request, reply, options.pagesDirectory !== undefined));

  async function build(): Promise<void> {
    await app.register(fastifyCookie);
    await app.register(fastifySwagger, {
      openapi: { openapi: '3.1.0', info: { title: 'MCOS admin API', version: context.state.cluster().softwareVersion } },
    });
    app.get('/healthz', { schema: { hide: true } }, (_request, reply) => reply.type('text/plain').send('ok\n'));
    app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
      reply.type('text/plain; version=0.0.4').send(await context.metrics()),
    );
    await app.register(
      (scope, _options, done) => {
        const api = scope as ConsoleApp;
        api.addHook('onRoute', describeErrors);
        api.addHook('onRequest', (request, reply, next) => authenticate(context, request, reply, next));
        api.addHook('onSend', (_request, reply, payload, next) => {
          if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
          next(null, payload);
        });
        for (const routes of [
          sessionRoutes,
          clusterRoutes,
          nodesRoutes,
          drainRoutes,
          tokensRoutes,
          ringsRoutes,
          recoveryRoutes,
          usersRoutes,
          bucketsRoutes,
          healingRoutes,
          insightRoutes,
          exportRoutes,
        ])
          routes(api, context);
        eventsRoutes(api, context, streams);
        done();
      },
      { prefix: apiPrefix },
    );
    app.get('/api/openapi.json', { schema: { hide: true } }, (_request, reply) => reply.send(app.swagger()));
    if (options.pagesDirectory !== undefined)
      await app.register(fastifyStatic, {
        root: options.pagesDirectory,
        wildcard: true,
        index: 'index.html',
        preCompressed: true,
        setHeaders: keepNamedByContent,
      });
    app.server.maxConnections = mostConnections;
  }

  return {
    get port() {
      return boundPort;
    },
    useCertificate: (tls) => {
      const { server } = app as { server: { setSecureContext?: (context: object) => void } };
      server.setSecureContext?.({ cert: tls.certificatePem, key: tls.privateKeyPem, minVersion: 'TLSv1.3' });
    },
    start: async () => {
      await build();
      await app.listen({ host: listen.host, port: listen.port });
      const address = app.server.address();
      if (address !== null && typeof address === 'object') boundPort = address.port;
      hosts = allowedHosts(listen.host, boundPort, listen.names ?? []);
    },
    stop: async () => {
      streams.stop();
      await app.close();
    },
  };
}

/** Files below assets have their content's digest in their name: a browser need never ask for them again. */
function keepNamedByContent(reply: FastifyReply, path: string): void {
  if (/[\\/]assets[\\/]/.test(path)) void reply.header('cache-control', 'public, max-age=31536000, immutable');
}

/** Every call of the API may be refused, always in the one form. */
function describeErrors(route: RouteOptions): void {
  route.schema = { ...route.schema, response: { ...(route.schema?.response ?? {}), '4xx': ErrorBody, '5xx': ErrorBody } };
}

/** No body means an empty one: where everything has a default, nobody must send `{}`. */
function acceptEmptyBodies(app: ConsoleApp): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? {} : JSON.parse(text.toString()));
    } catch {
      done(Object.assign(new Error('the body is not JSON'), { statusCode: 400 }));
    }
  });
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.routeOptions.schema?.body !== undefined) request.body ??= {};
    done();
  });
}

function authenticate(context: ConsoleContext, request: FastifyRequest, reply: FastifyReply, next: () => void): void {
  const path = (request.raw.url ?? '').split('?')[0];
  if (path === `${apiPrefix}/session`) return next();
  const token = tokenOf(request);
  const session = token === undefined ? undefined : context.sessions.use(token);
  if (!session) {
    answer(reply, failed(spokenFailure('NotAuthenticated', refusalSentence('noSession', {}))));
    return;
  }
  request.administrator = session.username;
  next();
}

function answerError(context: ConsoleContext, error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  if (error.validation) {
    const [first] = error.validation;
    const { validationContext = 'body' } = error;
    const whole = validationContext === 'body' ? request.body : validationContext === 'params' ? request.params : request.query;
    const said = invalidRequest(whole, first, validationContext);
    return answer(reply, failed(spokenFailure('InvalidArgument', said, { path: first?.instancePath ?? '' })));
  }
  const status = error.statusCode ?? 500;
  if (status === 413) return answer(reply, failed(spokenFailure('TooLarge', refusalSentence('tooLarge', { most: largestBodyBytes }))));
  if (status >= 400 && status < 500)
    return answer(reply, failed(spokenFailure('InvalidArgument', refusalSentence('unreadable', { reason: error.message }))));
  if (isStorageFull(error)) {
    context.logger.error({ error: error.message, method: request.method, route: request.routeOptions.url }, 'refused: the disk is full');
    return answer(reply, failed(spokenFailure('StorageFull', refusalSentence('diskFull', {}))));
  }
  context.logger.error(
    { error: error.stack ?? error.message, method: request.method, route: request.routeOptions.url },
    'a request of the console failed',
  );
  return answer(reply, failed(spokenFailure('InternalError', refusalSentence('defect', {}))));
}

/** Paths of the page's own router are answered with the page itself. */
function notFound(request: FastifyRequest, reply: FastifyReply, hasPages: boolean): void {
  const path = (request.raw.url ?? '/').split('?')[0] as string;
  const isPage =
    hasPages && (request.method === 'GET' || request.method === 'HEAD') && !path.startsWith('/api/') && !/\.[a-z0-9]+$/i.test(path);
  if (isPage) return void reply.code(200).sendFile('index.html');
  return answer(
    reply,
    failed(spokenFailure('NotFound', refusalSentence('nothingHere', { method: request.method, path: path.slice(0, 200) }))),
  );
}
