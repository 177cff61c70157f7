/** Sending a large file in pieces: one that is lost is sent again, and a file that was begun before goes on. */

import { ApiError, OfflineError, request, type Query } from "./client";

export interface PieceAnswer {
  /** The bytes that the program holds: the next piece begins there. */
  held: number;
}

const LARGEST = 1024 * 1024;
const SMALLEST = 64 * 1024;
const ATTEMPTS = 8;
const PAUSE_MS = 1_500;

/** Send a file to a path; returns the answer to the last piece. Throws what the program says if it refuses it. */
export async function sendPieces<T extends PieceAnswer>(
  path: string, file: File, query: Query, progress: (held: number) => void, signal: AbortSignal,
): Promise<T> {
  let size = LARGEST;
  let attempts = 0;
  // Where there is more of an attempt before, the first piece changes nothing, and the answer tells so.
  let offset = 0;
  for (;;) {
    const piece = file.slice(offset, offset + size);
    try {
      const answer: T = await request<T>("POST", path, {
        body: piece, query: { ...query, size: file.size, offset }, signal,
        headers: { "Content-Type": "application/octet-stream" },
      });
      attempts = 0;
      progress(answer.held);
      if (answer.held >= file.size) return answer;
      offset = answer.held;
    } catch (error) {
      if (error instanceof ApiError && error.status === 413 && size > SMALLEST) size /= 2;
      else if (!(error instanceof OfflineError) || (attempts += 1) >= ATTEMPTS) throw error;
      else await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
