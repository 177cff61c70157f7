/** Recording what somebody says, as a WAV file of plain samples, which the program need not decode. */

const RATE = 16_000;
const HEAD_BYTES = 44;

export interface Recorder {
  /** End the recording, and return it. */
  stop: () => Promise<Blob>;
  /** End it, and throw it away. */
  cancel: () => void;
}

/** Begin to record; the browser asks whether it may. Throws a DOMException where it may not. */
export async function record(): Promise<Recorder> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  const recorder = new MediaRecorder(stream);
  const pieces: Blob[] = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  const ended = new Promise<void>((resolve) => (recorder.onstop = () => resolve()));
  recorder.start();
  const end = () => {
    if (recorder.state !== "inactive") recorder.stop();
    for (const track of stream.getTracks()) track.stop();
  };
  return {
    cancel: end,
    stop: async () => {
      end();
      await ended;
      // Decoding brings it to the rate of the context.
      const context = new OfflineAudioContext(1, 1, RATE);
      return toWav(await context.decodeAudioData(await new Blob(pieces).arrayBuffer()));
    },
  };
}

function toWav(audio: AudioBuffer): Blob {
  const samples = audio.getChannelData(0);
  const view = new DataView(new ArrayBuffer(HEAD_BYTES + 2 * samples.length));
  const write = (at: number, text: string) => [...text].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, view.byteLength - 8, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // plain samples
  view.setUint16(22, 1, true); // in one channel
  view.setUint32(24, audio.sampleRate, true);
  view.setUint32(28, 2 * audio.sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  write(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, i) => {
    view.setInt16(HEAD_BYTES + 2 * i, Math.round(32_767 * Math.max(-1, Math.min(1, sample))), true);
  });
  // A type that no form of another page can send.
  return new Blob([view.buffer], { type: "application/octet-stream" });
}
