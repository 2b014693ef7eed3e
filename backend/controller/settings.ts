import type { DocumentStore } from '../base/document-store.ts';
import { Emitter } from '../base/emitter.ts';
import type { Disposable } from '../base/lifecycle.ts';
import type { ControllerSettings } from '../contracts/insight.ts';

/** What an administrator may change while the Controller runs. */
export interface Settings {
  readonly current: ControllerSettings;
  change(next: ControllerSettings): void;
  onChange(listener: (settings: ControllerSettings) => void): Disposable;
}

const collection = 'controller';
const key = 'settings';
interface KeptSettings extends ControllerSettings {
  readonly format: 1;
}

/** Invariant: `current` is on disk once it was changed; until then it is what the command line said. */
export function openSettings(documents: DocumentStore, initial: ControllerSettings): Settings {
  const changes = new Emitter<ControllerSettings>();
  let current = withoutFormat(documents.get<KeptSettings>(collection, key)) ?? initial;
  return {
    get current() {
      return current;
    },
    change: (next) => {
      documents.commit([{ kind: 'put', collection, key, document: { format: 1, ...next } satisfies KeptSettings }]);
      current = next;
      changes.emit(next);
    },
    onChange: (listener) => changes.on(listener),
  };
}

function withoutFormat(kept: KeptSettings | undefined): ControllerSettings | undefined {
  if (kept === undefined) return undefined;
  const { format: _format, ...settings } = kept;
  return settings;
}
