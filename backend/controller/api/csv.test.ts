import { describe, expect, it } from 'vitest';
import { csvRow } from './csv.ts';

describe('a row of CSV', () => {
  it('quotes what would break it', () => {
    expect(csvRow([1, 'plain', 'a,b', 'say "no"', 'two\nlines', null])).toBe('1,plain,"a,b","say ""no""","two\nlines",\r\n');
  });

  it('lets no field be a formula of a spreadsheet', () => {
    expect(csvRow(['=HYPERLINK("http://x")', '+1', '-1', '@a', '\tx'])).toBe(`"'=HYPERLINK(""http://x"")",'+1,'-1,'@a,'\tx\r\n`);
  });
});
