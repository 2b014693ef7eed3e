import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDecimal, parseInteger, parseListen, parseObjectName, parseSize, parseSpeed, parseUrl, parseWeights } from './parse-values.ts';

describe('sizes and speeds', () => {
  it.each([
    ['4096', 4096],
    ['20GiB', 20 * 2 ** 30],
    ['20gib', 20 * 2 ** 30],
    ['1.5 TB', 1.5e12],
    ['10B', 10],
  ])('reads %s', (text, bytes) => expect(parseSize(text, '--capacity')).toBe(bytes));

  it.each(['', '0', '-1GiB', 'lots', '20 GiBs', '1e3', 'NaN', '99999999PiB'])('refuses "%s" and names the option', (text) => {
    expect(() => parseSize(text, '--capacity')).toThrow(/^--capacity: /);
  });

  it.each([
    ['200MB/s', 200e6],
    ['1GiB/s', 2 ** 30],
    ['1000', 1000],
  ])('reads the speed %s', (text, bytes) => expect(parseSpeed(text, '--read-speed')).toBe(bytes));

  it('refuses a speed that nobody means, where the unit was forgotten', () => {
    expect(() => parseSpeed('200', '--read-speed')).toThrow('--read-speed: "200" is 200 bytes per second, slower than any disk or line.');
  });

  it('reads every whole number of bytes as itself', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (bytes) => parseSize(String(bytes), '--capacity') === bytes));
  });
});

describe('numbers', () => {
  it('keeps to the bounds, inclusive', () => {
    expect(parseInteger('3', '--nodes', 3, 5)).toBe(3);
    expect(parseInteger('5', '--nodes', 3, 5)).toBe(5);
    for (const text of ['2', '6', '3.5', 'three', '']) expect(() => parseInteger(text, '--nodes', 3, 5)).toThrow('--nodes');
  });

  it('reads degrees and refuses what lies off the globe', () => {
    expect(parseDecimal('-33.86', '--lat', -90, 90)).toBe(-33.86);
    for (const text of ['90.1', 'north', '1e1', 'Infinity']) expect(() => parseDecimal(text, '--lat', -90, 90)).toThrow('--lat');
  });
});

describe('addresses', () => {
  it('takes the default port unless one is given', () => {
    expect(parseListen('127.0.0.1', '--listen', 7400)).toEqual({ host: '127.0.0.1', port: 7400 });
    expect(parseListen('example.org:9', '--listen', 7400)).toEqual({ host: 'example.org', port: 9 });
    expect(parseListen('[::1]:9', '--listen', 7400)).toEqual({ host: '::1', port: 9 });
  });

  it.each(['', ':7400', 'a b', 'http://x', 'host:port', 'host:70000'])('refuses the address "%s"', (text) => {
    expect(() => parseListen(text, '--listen', 7400)).toThrow('--listen');
  });

  it('takes URLs of the given schemes only', () => {
    expect(parseUrl('https://a:1/', '--controller', ['https'])).toBe('https://a:1');
    for (const text of ['http://a:1', 'a:1', '', 'file:///x'])
      expect(() => parseUrl(text, '--controller', ['https'])).toThrow('--controller');
  });
});

describe('object names', () => {
  it('cuts at the first slash only', () => {
    expect(parseObjectName('b/a/../b')).toEqual({ bucket: 'b', key: 'a/../b' });
    expect(parseObjectName('b')).toEqual({ bucket: 'b' });
    expect(parseObjectName('b/')).toEqual({ bucket: 'b' });
    expect(() => parseObjectName('/x')).toThrow('BUCKET/KEY');
  });
});

describe('weights', () => {
  it('reads names with whole numbers, or auto', () => {
    expect(parseWeights(['a=5', 'b.c=auto', 'd=0'])).toEqual({ a: 5, 'b.c': null, d: 0 });
    expect(parseWeights()).toEqual({});
  });

  it.each([['a'], ['a='], ['a=-1'], ['a=1.5'], ['a=heavy'], ['=5'], ['a=9999999999']])('refuses %s', (text) =>
    expect(() => parseWeights([text])).toThrow(/^--weight: /),
  );

  it('refuses a name that is given twice', () => expect(() => parseWeights(['a=5', 'a=6'])).toThrow(/a is given twice/));
});
