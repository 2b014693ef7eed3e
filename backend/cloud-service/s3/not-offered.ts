/** Sub-resources and operations of S3 that are known here but not offered: the answer names them. */
const bucketResources: Readonly<Record<string, string>> = {
  accelerate: 'BucketAccelerateConfiguration',
  acl: 'BucketAcl',
  analytics: 'BucketAnalyticsConfiguration',
  cors: 'BucketCors',
  encryption: 'BucketEncryption',
  'intelligent-tiering': 'BucketIntelligentTieringConfiguration',
  inventory: 'BucketInventoryConfiguration',
  lifecycle: 'BucketLifecycleConfiguration',
  logging: 'BucketLogging',
  metadataTable: 'BucketMetadataTableConfiguration',
  metrics: 'BucketMetricsConfiguration',
  notification: 'BucketNotificationConfiguration',
  'object-lock': 'ObjectLockConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  policy: 'BucketPolicy',
  policyStatus: 'BucketPolicyStatus',
  publicAccessBlock: 'PublicAccessBlock',
  replication: 'BucketReplication',
  requestPayment: 'BucketRequestPayment',
  session: 'Session',
  tagging: 'BucketTagging',
  versioning: 'BucketVersioning',
  versions: 'ObjectVersions',
  website: 'BucketWebsite',
};

const objectResources: Readonly<Record<string, string>> = {
  acl: 'ObjectAcl',
  attributes: 'ObjectAttributes',
  'legal-hold': 'ObjectLegalHold',
  renameObject: 'RenameObject',
  restore: 'RestoreObject',
  retention: 'ObjectRetention',
  select: 'ObjectContent',
  tagging: 'ObjectTagging',
  torrent: 'ObjectTorrent',
  versionId: 'ObjectVersion',
};

const verbs: Readonly<Record<string, string>> = { GET: 'Get', HEAD: 'Head', PUT: 'Put', POST: 'Post', DELETE: 'Delete' };

/** Name of the operation that the query asks for and that is not offered; undefined when it asks for none. */
export function notOffered(method: string, isObject: boolean, query: readonly (readonly [string, string])[]): string | undefined {
  const resources = isObject ? objectResources : bucketResources;
  for (const [name] of query) {
    if (Object.hasOwn(resources, name)) return name === 'versions' ? 'ListObjectVersions' : `${verbs[method] ?? method}${resources[name]}`;
  }
  return undefined;
}
