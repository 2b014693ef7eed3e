// The layers:
//   base <- contracts <- ring, register <- epochs <- controller | cloud-service (never each other) <- bin, electron/main
//   inside a node: s3, user-dashboard, healing -> objects -> names -> admin-cloud-controller; objects, healing -> storage
//   adapters implement ports; only bin, electron/main and tests build them
// Tests beside the source may use anything that runs.
const tests = '(\\.test\\.ts$|/testing/|/fixtures/)';

/** Code in `from` may import only what `allowed` matches (inside the project). */
function only(name, from, allowed, comment) {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: from, pathNot: tests },
    to: { path: '^(backend|renderer|electron|tests|scripts)/', pathNot: allowed },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'a circle of modules cannot be read, tested or loaded in any order',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    only('base-stands-alone', '^backend/base/', '^backend/base/', 'base imports nothing of the project'),
    only('contracts-on-base', '^backend/contracts/', '^backend/(base|contracts)/', 'contracts stand on base'),
    only('ring-is-pure', '^backend/ring/', '^backend/(base|contracts|ring)/', 'ring stands on base and contracts'),
    only('epochs-over-ports', '^backend/epochs/', '^backend/(base|contracts|ring|register|epochs)/', 'epochs stand on rings and registers'),
    only('register-over-ports', '^backend/register/', '^backend/(base|contracts|register)/', 'register stands on base and contracts'),
    only(
      'controller-layer',
      '^backend/controller/',
      '^backend/(base|contracts|ring|register|epochs|controller)/',
      'the Controller never imports a node or an adapter',
    ),
    only(
      'cloud-service-layer',
      '^backend/cloud-service/',
      '^backend/(base|contracts|ring|register|epochs|cloud-service)/',
      'a node never imports the Controller or an adapter',
    ),
    only(
      'adapters-implement-ports',
      '^backend/adapters/',
      '^backend/(base|contracts|ring|register|adapters)/',
      'adapters know ports, not the parts that use them',
    ),
    {
      name: 'adapters-use-ring-and-register-types-only',
      severity: 'error',
      from: { path: '^backend/adapters/', pathNot: tests },
      to: { path: '^backend/(ring|register)/', dependencyTypesNot: ['type-only'] },
    },
    only('bin-is-backend', '^backend/bin/', '^(backend|scripts)/', 'bin composes the backend'),
    only(
      'admin-cloud-controller-is-lowest',
      '^backend/cloud-service/admin-cloud-controller/',
      '^backend/(base|contracts|ring|register|epochs)/|^backend/cloud-service/admin-cloud-controller/',
      'the lowest part of a node',
    ),
    only(
      'names-layer',
      '^backend/cloud-service/names/',
      '^backend/(base|contracts|ring|register)/|^backend/cloud-service/(names|admin-cloud-controller)/',
      'names -> admin-cloud-controller',
    ),
    only(
      'storage-layer',
      '^backend/cloud-service/storage/',
      '^backend/(base|contracts|ring|register)/|^backend/cloud-service/storage/',
      'storage stands alone',
    ),
    only(
      'objects-layer',
      '^backend/cloud-service/objects/',
      '^backend/(base|contracts|ring|register)/|^backend/cloud-service/(objects|names|storage|admin-cloud-controller)/',
      'objects -> names, storage',
    ),
    only(
      'healing-layer',
      '^backend/cloud-service/healing/',
      '^backend/(base|contracts|ring|register|epochs)/|^backend/cloud-service/(healing|objects|names|storage|admin-cloud-controller)/',
      'healing -> objects, names, storage, admin-cloud-controller',
    ),
    only(
      's3-layer',
      '^backend/cloud-service/s3/',
      '^backend/(base|contracts|ring|register)/|^backend/cloud-service/(s3|objects|names|admin-cloud-controller)/',
      's3 -> objects',
    ),
    only(
      'user-dashboard-layer',
      '^backend/cloud-service/user-dashboard/',
      '^backend/(base|contracts|ring|register)/|^backend/cloud-service/(user-dashboard|objects|names|admin-cloud-controller)/',
      'user-dashboard -> objects',
    ),
    only('pages-use-contracts', '^renderer/', '^(renderer/|backend/contracts/)', 'pages talk to the backend through its APIs'),
    only('electron-main-composes', '^electron/main/', '^(electron/(main|preload)/|backend/)', 'the main process composes the backend'),
    only(
      'preload-uses-contracts',
      '^electron/preload/',
      '^(electron/preload/|backend/contracts/)',
      'the preload script sees messages only',
    ),
    {
      name: 'pure-layers-without-node',
      comment: 'network, disk, time and randomness come through ports',
      severity: 'error',
      from: { path: '^backend/(base|contracts)/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'ports-instead-of-node',
      comment: 'node:crypto is for hashes, HMAC and ciphers only; crc32 is the one pure hash of node:zlib; type-only imports are free',
      severity: 'error',
      from: { path: '^backend/(ring|register|controller|cloud-service)/', pathNot: [tests, '/objects/checksums/crc32\\.ts$'] },
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      from: { path: '^(backend|scripts|tests)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules|dist)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.vue', '.json'],
    },
  },
};
