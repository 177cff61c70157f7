/** Reads one text aloud at a time. */

import { signal } from "@preact/signals";
import { speak } from "../../api/audio";

const LONGEST = 4_096;
/** The text that is being read, or fetched to be. */
export const reading = signal<string | null>(null);
let running: { context: AudioContext; stopped: AbortController } | null = null;

/** Read a text aloud; one that is being read ends. Throws as requests do. */
export async function readAloud(text: string): Promise<void> {
  stopReading();
  // Made at once: browsers let pages make sounds only where somebody has just pressed something.
  const mine = (running = { context: new AudioContext(), stopped: new AbortController() });
  reading.value = text;
  try {
    const audio = await mine.context.decodeAudioData(await speak(text.slice(0, LONGEST), mine.stopped.signal));
    if (running !== mine) return;
    const source = mine.context.createBufferSource();
    source.buffer = audio;
    source.connect(mine.context.destination);
    source.onended = () => running === mine && stopReading();
    source.start();
  } catch (error) {
    if (running !== mine) return;
    stopReading();
    throw error;
  }
}

/** End what is being read. */
export function stopReading(): void {
  running?.stopped.abort();
  void running?.context.close();
  running = null;
  reading.value = null;
}
