// The chat page: a key, a message, and the answer as it is written.
"use strict";

const TEXTS = {
  en: {
    other: "Deutsch",
    doorTitle: "Who is there?",
    doorHint: "Enter the key that set-up showed, or the one that the terminal names. It stays in this browser.",
    key: "Key",
    open: "Open",
    roomTitle: "What can I do for you?",
    message: "Message",
    send: "Send",
    stop: "Stop",
    forget: "Forget the key",
    refused: "This key does not open the assistant.",
    offline: "The assistant does not answer.",
  },
  de: {
    other: "English",
    doorTitle: "Wer ist da?",
    doorHint: "Gib den Schlüssel ein, den die Einrichtung gezeigt hat oder den das Terminal nennt. Er bleibt in diesem Browser.",
    key: "Schlüssel",
    open: "Öffnen",
    roomTitle: "Was kann ich für dich tun?",
    message: "Nachricht",
    send: "Senden",
    stop: "Anhalten",
    forget: "Schlüssel vergessen",
    refused: "Dieser Schlüssel öffnet den Assistenten nicht.",
    offline: "Der Assistent antwortet nicht.",
  },
};
const KEY = "pisovereign-key";
const at = (id) => document.getElementById(id);
let language = navigator.language.toLowerCase().startsWith("de") ? "de" : "en";
let key = localStorage.getItem(KEY) || "";
let conversation = null;
let running = null;

const text = (name) => TEXTS[language][name];

function speak() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  at("language").textContent = text("other");
  at("language").lang = language === "en" ? "de" : "en";
}

function show() {
  at("door").hidden = Boolean(key);
  at("room").hidden = at("forget").hidden = !key;
  at(key ? "message" : "key").focus();
}

function leave(problem) {
  localStorage.removeItem(KEY);
  key = "";
  at("problem").textContent = problem;
  show();
}

function line(kind, words) {
  const item = document.createElement("li");
  item.className = kind;
  item.textContent = words;
  at("talk").append(item);
  item.scrollIntoView({ block: "nearest" });
  return item;
}

// Server-sent events, also where one arrives in pieces.
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const name = /^event: (.*)$/m.exec(part);
      const data = /^data: (.*)$/m.exec(part);
      if (name && data) yield [name[1], JSON.parse(data[1])];
    }
  }
}

async function send(message) {
  running = new AbortController();
  const body = { message, ...(conversation && { conversation_id: conversation }) };
  const response = await fetch("/v1/chat/stream", {
    method: "POST",
    signal: running.signal,
    headers: {
      Authorization: `Bearer ${key}`, "Content-Type": "application/json", "Accept-Language": language,
    },
    body: JSON.stringify(body),
  });
  if (response.status === 401) return leave(text("refused"));
  if (!response.ok) throw new Error((await response.json()).error.message);
  const answer = line("theirs", "");
  for await (const [name, data] of events(response)) {
    if (name === "message") answer.append(data.delta);
    else if (name === "done") conversation = data.conversation_id;
    else if (name === "error") throw new Error(data.message);
  }
  return undefined;
}

at("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  const message = at("message").value.trim();
  if (!message || running) return;
  at("problem").textContent = "";
  at("message").value = "";
  line("mine", message);
  at("talk").setAttribute("aria-busy", "true");
  at("send").disabled = true;
  at("stop").hidden = false;
  try {
    await send(message);
  } catch (error) {
    if (error.name !== "AbortError") {
      at("problem").textContent = error instanceof TypeError ? text("offline") : error.message;
    }
  } finally {
    running = null;
    at("talk").setAttribute("aria-busy", "false");
    at("send").disabled = false;
    at("stop").hidden = true;
  }
});
at("message").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    at("say").requestSubmit();
  }
});
at("door").addEventListener("submit", (event) => {
  event.preventDefault();
  key = at("key").value.trim();
  at("key").value = "";
  localStorage.setItem(KEY, key);
  at("problem").textContent = "";
  show();
});
at("stop").addEventListener("click", () => running && running.abort());
at("forget").addEventListener("click", () => leave(""));
at("language").addEventListener("click", () => {
  language = language === "en" ? "de" : "en";
  speak();
});

speak();
show();
