/** Server-sent events of a body, also where one arrives in pieces. */

export interface ServerEvent {
  name: string;
  id: string | null;
  data: unknown;
}

/** Return the events as they come; comments are left out, and data is JSON. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const event = readEvent(part);
        if (event) yield event;
      }
    }
  } finally {
    // Who stops listening ends the request.
    await reader.cancel().catch(() => undefined);
  }
}

function readEvent(part: string): ServerEvent | null {
  let name = "message";
  let id: string | null = null;
  const data: string[] = [];
  for (const line of part.split(/\r?\n/)) {
    const [field, text = ""] = line.split(/: ?(.*)/s);
    if (field === "event") name = text;
    else if (field === "id") id = text;
    else if (field === "data") data.push(text);
  }
  return data.length ? { name, id, data: JSON.parse(data.join("\n")) } : null;
}
