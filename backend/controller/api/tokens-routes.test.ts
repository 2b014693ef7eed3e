import { describe, expect, it } from 'vitest';
import { joinCommand } from './tokens-routes.ts';

describe('the line that joins a server', () => {
  it('says under which name others reach it, unless everything is on one machine', () => {
    expect(joinCommand('https://controller.example:7400', 'TOKEN')).toContain(' --listen 0.0.0.0 --advertise HOST --data ');
    expect(joinCommand('https://[fd00::1]:7400', 'TOKEN')).toContain('--advertise HOST');
    for (const here of ['https://127.0.0.1:7400', 'https://[::1]:7400', 'https://localhost:7400'])
      expect(joinCommand(here, 'TOKEN')).not.toContain('--advertise');
  });
});
