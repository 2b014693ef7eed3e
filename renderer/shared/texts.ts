export type { Texts } from '../../backend/contracts/texts.ts';
