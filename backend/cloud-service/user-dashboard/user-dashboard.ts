import cookiePlugin from '@fastify/cookie';
import staticPlugin from '@fastify/static';
import fastify, { type FastifyError, type FastifyInstance, type FastifyRequest, type FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { timesNamed } from '../../base/cookie-header.ts';
import type { ServerCertificate } from '../../base/http-port.ts';
import type { Service } from '../../base/lifecycle.ts';
import { readRequestsThroughStreams } from '../../base/requests-through-streams.ts';
import type { StatusView } from '../../contracts/dashboard-api.ts';
import { spokenFailure, type CatalogueFailure } from '../../contracts/errors.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import { invalidRequest } from '../../contracts/invalid-request.ts';
import { allowedOrigins, isAllowed } from './allowed-hosts.ts';
import { bucketRoutes } from './bucket-routes.ts';
import type { UserDashboardDeps } from './dashboard-deps.ts';
import { createIncomingBodies } from './incoming-body.ts';
import { multipartRoutes } from './multipart-routes.ts';
import { objectRoutes } from './object-routes.ts';
import { createOwned } from './owned.ts';
import { sendFailure } from './replies.ts';
import { securityHeaders } from './security-headers.ts';
import { sessionRoutes } from './session-routes.ts';
import { createSessions, type SessionCookie } from './sessions.ts';

export interface UserDashboard extends Service {
  /** The port that is really bound; 0 before `start`. */
  readonly port: number;
  /** New connections get this certificate (renewal). Only for a dashboard that was given one at first. */
  useCertificate(tls: ServerCertificate): void;
}

const stopGraceMs = 3000;

/**
 * The User_Dashboard of one Cloud Service: its page and the API behind it (contracts/dashboard-api.ts).
 * Builds only; `start()` listens, `stop()` ends open connections after a grace of 3 s.
 */
export function createUserDashboard(deps: UserDashboardDeps): UserDashboard {
  const { listen } = deps;
  let port = 0;
  let origins: ReadonlySet<string> = new Set();
  const server = buildServer(
    deps,
    () => port,
    (rawHeaders) => isAllowed(rawHeaders, origins),
  );

  return {
    get port() {
      return port;
    },
    useCertificate(tls) {
      const secure = server.server as { setSecureContext?: (context: object) => void };
      secure.setSecureContext?.({ cert: tls.certificatePem, key: tls.privateKeyPem, minVersion: 'TLSv1.2' });
    },
    async start() {
      await server.listen({ host: listen.host, port: listen.port });
      const address = server.server.address();
      port = typeof address === 'object' && address !== null ? address.port : listen.port;
      origins = allowedOrigins({ host: listen.host, port, scheme: listen.tls ? 'https' : 'http' }, listen.advertisedUrl);
      deps.logger.info({ host: listen.host, port }, 'User_Dashboard is listening');
    },
    async stop() {
      const cut = deps.clock.schedule(stopGraceMs, () => server.server.closeAllConnections());
      await server.close();
      cut.cancel();
    },
  };
}

function buildServer(deps: UserDashboardDeps, port: () => number, allowed: (rawHeaders: readonly string[]) => boolean): FastifyInstance {
  const { tls } = deps.listen;
  const options = {
    logger: false,
    bodyLimit: 65_536,
    connectionTimeout: 120_000,
    forceCloseConnections: 'idle' as const,
    routerOptions: { maxParamLength: 255 },
  };
  const server: FastifyInstance = tls
    ? (fastify({
        ...options,
        https: { cert: tls.certificatePem, key: tls.privateKeyPem, minVersion: 'TLSv1.2' },
      }) as unknown as FastifyInstance)
    : fastify(options);
  if (tls) readRequestsThroughStreams(server.server);
  server.server.maxConnections = 2000;

  server.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    if (!allowed(request.raw.rawHeaders)) return sendFailure(reply, spokenFailure('HostNotAllowed', fileRefusalSentence('otherHost', {})));
  });
  server.setValidatorCompiler(({ schema }) => strictly(schema as TSchema));
  server.setErrorHandler((error: FastifyError, request, reply) => {
    if (error.validation) return sendFailure(reply, invalid(request, error));
    if (error.statusCode === 413) return sendFailure(reply, spokenFailure('TooLarge', fileRefusalSentence('tooLarge', {})));
    if (error.statusCode !== undefined && error.statusCode < 500) {
      const spoken = fileRefusalSentence('unreadable', { reason: error.message });
      return sendFailure(reply, spokenFailure('InvalidArgument', spoken));
    }
    deps.logger.error({ error: error.stack ?? String(error) }, 'A request to the dashboard failed');
    return sendFailure(reply, spokenFailure('InternalError', fileRefusalSentence('defect', {})));
  });
  server.setNotFoundHandler((request, reply) =>
    sendFailure(reply, spokenFailure('NotFound', fileRefusalSentence('nothingHere', { path: request.url.slice(0, 200) }))),
  );

  server.register(cookiePlugin);
  server.register(apiRoutes(deps, sessionCookie(port, tls !== undefined)), { prefix: '/api/v1' });
  if (deps.pagesDirectory !== undefined) {
    server.register(staticPlugin, {
      root: deps.pagesDirectory,
      cacheControl: false,
      setHeaders: (reply, path) =>
        void reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'),
    });
  }
  return server;
}

/** A request says exactly what the schema says, or is refused: nothing is guessed or dropped. */
function strictly(schema: TSchema): ReturnType<FastifySchemaCompiler<TSchema>> {
  const compiled = Compile(schema);
  return (value: unknown) =>
    compiled.Check(value) ? { value } : { error: compiled.Errors(value) as unknown as FastifyError['validation'] };
}

function invalid(request: FastifyRequest, { validation = [], validationContext = 'body' }: FastifyError): CatalogueFailure {
  const [first] = validation;
  const whole = validationContext === 'body' ? request.body : validationContext === 'params' ? request.params : request.query;
  return spokenFailure('InvalidArgument', invalidRequest(whole, first, validationContext));
}

function apiRoutes(deps: UserDashboardDeps, cookie: SessionCookie): (server: FastifyInstance) => Promise<void> {
  const sessions = createSessions(deps);
  const owned = createOwned(deps, sessions, cookie);
  const bodies = createIncomingBodies();
  return async (server) => {
    server.get('/status', (): StatusView => {
      const serving = deps.serving();
      return {
        node: deps.node.name,
        zone: deps.node.zone,
        serving: serving.kind === 'serving',
        reason: serving.kind === 'serving' ? null : serving.reason.sentence,
        ...(serving.kind === 'serving' ? {} : { spokenReason: serving.reason }),
      };
    });
    sessionRoutes(server, deps, sessions, cookie, owned);
    bucketRoutes(server, deps, owned);
    objectRoutes(server, deps, owned, bodies);
    multipartRoutes(server, deps, owned, bodies);
  };
}

function sessionCookie(port: () => number, secure: boolean): SessionCookie {
  const name = (): string => `mcos_dashboard_${port()}`;
  const attributes = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
  return {
    // Two of one name: a page of another port has set one, to have somebody work in an account that is not his.
    read: (request) => (timesNamed(request.headers.cookie, name()) === 1 ? request.cookies[name()] : undefined),
    write: (reply, token) => void reply.setCookie(name(), token, attributes),
    clear: (reply) => void reply.clearCookie(name(), attributes),
  };
}
