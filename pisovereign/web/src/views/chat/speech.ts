/** What of speech can be used on this page now. */

import { signal } from "@preact/signals";
import { getSpeechState, type SpeechState } from "../../api/audio";

export const speech = signal<SpeechState | null>(null);

/** Ask what is set up; without an answer nothing is offered. */
export async function loadSpeech(): Promise<void> {
  try {
    speech.value = await getSpeechState();
  } catch {
    speech.value = null;
  }
}

/** Whether somebody can speak: browsers open the microphone only where nobody else can read along. */
export function canRecord(): boolean {
  return Boolean(speech.value?.transcriptions && isSecureContext && navigator.mediaDevices && "MediaRecorder" in window);
}
