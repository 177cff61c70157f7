/** Sending one file, which can be stopped, and is where its component goes away. */

import { useEffect, useRef, useState } from "preact/hooks";
import { isAbort } from "../api/errors";

export interface Upload {
  /** The file that is being sent, and how many of its bytes are there; null: none is. */
  sending: { file: File; held: number } | null;
  error: unknown;
  setError: (error: unknown) => void;
  send: (file: File) => Promise<void>;
  stop: () => void;
}

type Sender = (file: File, progress: (held: number) => void, signal: AbortSignal) => Promise<unknown>;

export function useUpload(sender: Sender, onEnd: () => void): Upload {
  const [sending, setSending] = useState<Upload["sending"]>(null);
  const [error, setError] = useState<unknown>(null);
  const stopping = useRef<AbortController | null>(null);
  const stop = () => stopping.current?.abort();
  useEffect(() => stop, []);
  const send = async (file: File) => {
    stopping.current = new AbortController();
    setError(null);
    setSending({ file, held: 0 });
    try {
      await sender(file, (held) => setSending({ file, held }), stopping.current.signal);
    } catch (problem) {
      if (!isAbort(problem)) setError(problem);
    }
    setSending(null);
    onEnd();
  };
  return { sending, error, setError, send, stop };
}
