/** Sub-resources and operations of S3 that are known here but not offered: the answer names them. */
const bucketResources: Readonly<Record<string, string>> = {
  abac: 'BucketAbac',
  accelerate: 'BucketAccelerateConfiguration',
  acl: 'BucketAcl',
  analytics: 'BucketAnalyticsConfiguration',
  cors: 'BucketCors',
  encryption: 'BucketEncryption',
  'intelligent-tiering': 'BucketIntelligentTieringConfiguration',
  inventory: 'BucketInventoryConfiguration',
  lifecycle: 'BucketLifecycleConfiguration',
  logging: 'BucketLogging',
  metadataAnnotationTable: 'BucketMetadataAnnotationTableConfiguration',
  metadataConfiguration: 'BucketMetadataConfiguration',
  metadataInventoryTable: 'BucketMetadataInventoryTableConfiguration',
  metadataJournalTable: 'BucketMetadataJournalTableConfiguration',
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
  annotation: 'ObjectAnnotation',
  attributes: 'ObjectAttributes',
  encryption: 'ObjectEncryption',
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

/** Sub-resources that are offered, and so never unknown ones. */
const offered: ReadonlySet<string> = new Set(['delete', 'location', 'uploads', 'uploadId', 'partNumber', 'list-type']);

/**
 * Name of the operation that the query asks for and that is not offered; undefined when it asks for
 * none. A write with a sub-resource that nobody here knows is refused as well: taken for a plain PUT
 * or DELETE it would destroy the object.
 */
export function notOffered(method: string, isObject: boolean, query: readonly (readonly [string, string])[]): string | undefined {
  const resources = isObject ? objectResources : bucketResources;
  for (const [name] of query) {
    if (Object.hasOwn(resources, name)) return name === 'versions' ? 'ListObjectVersions' : `${verbs[method] ?? method}${resources[name]}`;
  }
  if (method === 'GET' || method === 'HEAD') return undefined;
  const unknown = query.find(([name, value]) => value === '' && !offered.has(name) && !/^x-/i.test(name));
  return unknown && `${verbs[method] ?? method} of the sub-resource "${unknown[0]}"`;
}
