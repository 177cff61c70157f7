/** Speech: recordings become text, and text is read aloud, where services for that are set up. */

import { request, send } from "./client";

export interface SpeechState {
  transcriptions: boolean;
  speech: boolean;
  longest_audio_s: number;
}

export function getSpeechState(signal?: AbortSignal): Promise<SpeechState> {
  return request("GET", "/v1/audio", { signal: signal ?? null });
}

/** Return what is said in a recording; nothing is done about it. */
export async function transcribe(recording: Blob): Promise<string> {
  const answer = await request<{ text: string }>("POST", "/v1/audio/transcriptions", { body: recording });
  return answer.text;
}

/** Return a text as it is read aloud: a WAV file. */
export async function speak(text: string, signal: AbortSignal): Promise<ArrayBuffer> {
  const answer = await send("POST", "/v1/audio/speech", { body: { input: text }, signal });
  return answer.arrayBuffer();
}
