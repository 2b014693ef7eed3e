// A pure function, as hashes are, and two to three times faster than tables: the SDKs send a CRC32 with every upload.
export { crc32 } from 'node:zlib';
