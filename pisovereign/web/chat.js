// The chat page: a key, a message, and the answer as it is written.
"use strict";

const TEXTS = {
  en: {
    languageName: "English",
    loginTitle: "Who is there?",
    loginHint: "Enter the key that set-up showed, or the one that the terminal names. It stays in this browser.",
    key: "Key",
    open: "Open",
    chatTitle: "What can I do for you?",
    message: "Message",
    send: "Send",
    stop: "Stop",
    forgetKey: "Forget the key",
    keyRefused: "This key does not open the assistant.",
    offline: "The assistant does not answer.",
    completed: "looked up",
    pending_approval: "waits for your approval",
    failed: "failed",
    refused: "not allowed here",
  },
  de: {
    languageName: "Deutsch",
    loginTitle: "Wer ist da?",
    loginHint: "Gib den Schlüssel ein, den die Einrichtung gezeigt hat oder den das Terminal nennt. Er bleibt in diesem Browser.",
    key: "Schlüssel",
    open: "Öffnen",
    chatTitle: "Was kann ich für dich tun?",
    message: "Nachricht",
    send: "Senden",
    stop: "Anhalten",
    forgetKey: "Schlüssel vergessen",
    keyRefused: "Dieser Schlüssel öffnet den Assistenten nicht.",
    offline: "Der Assistent antwortet nicht.",
    completed: "nachgesehen",
    pending_approval: "wartet auf deine Freigabe",
    failed: "fehlgeschlagen",
    refused: "hier nicht erlaubt",
  },
  fr: {
    languageName: "Français",
    loginTitle: "Qui est là ?",
    loginHint: "Saisis la clé que l'installation a montrée, ou celle que le terminal indique. Elle reste dans ce navigateur.",
    key: "Clé",
    open: "Ouvrir",
    chatTitle: "Que puis-je faire pour toi ?",
    message: "Message",
    send: "Envoyer",
    stop: "Arrêter",
    forgetKey: "Oublier la clé",
    keyRefused: "Cette clé n'ouvre pas l'assistant.",
    offline: "L'assistant ne répond pas.",
    completed: "consulté",
    pending_approval: "attend ton approbation",
    failed: "échoué",
    refused: "pas permis ici",
  },
};
const KEY_STORAGE = "pisovereign-key";
const byId = (id) => document.getElementById(id);
const LANGUAGES = Object.keys(TEXTS);
let language = LANGUAGES.find((code) => navigator.language.toLowerCase().startsWith(code)) || "en";
let key = localStorage.getItem(KEY_STORAGE) || "";
let conversationId = null;
let abortController = null;

const text = (name) => TEXTS[language][name];

function nextLanguage() {
  return LANGUAGES[(LANGUAGES.indexOf(language) + 1) % LANGUAGES.length];
}

function applyLanguage() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
  byId("language-button").textContent = TEXTS[nextLanguage()].languageName;
  byId("language-button").lang = nextLanguage();
}

function showLoginOrChat() {
  byId("login-form").hidden = Boolean(key);
  byId("chat").hidden = byId("forget-key-button").hidden = !key;
  byId(key ? "message-input" : "key-input").focus();
}

function forgetKey(reason) {
  localStorage.removeItem(KEY_STORAGE);
  key = "";
  byId("error-message").textContent = reason;
  showLoginOrChat();
}

function addMessage(role, content) {
  const item = document.createElement("li");
  item.className = role;
  item.textContent = content;
  byId("messages").append(item);
  item.scrollIntoView({ block: "nearest" });
  return item;
}

// A tool that the model calls, and later what came of it, before the answer.
function addToolCall(call, before) {
  const item = document.createElement("li");
  item.className = "tool";
  item.dataset.call = call.id;
  item.textContent = call.name;
  before.before(item);
}

function showToolResult(result) {
  const item = [...document.querySelectorAll("li.tool")].findLast((each) => each.dataset.call === result.id);
  if (!item) return;
  item.dataset.status = result.status;
  item.textContent = `${result.name}: ${text(result.status)}`;
  item.title = result.text;
  if (result.title) item.append(` – ${result.title}`);
}

// Server-sent events, also where one arrives in pieces.
async function* readEvents(response) {
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

async function sendMessage(message) {
  abortController = new AbortController();
  const body = { message, ...(conversationId && { conversation_id: conversationId }) };
  const response = await fetch("/v1/chat/stream", {
    method: "POST",
    signal: abortController.signal,
    headers: {
      Authorization: `Bearer ${key}`, "Content-Type": "application/json", "Accept-Language": language,
    },
    body: JSON.stringify(body),
  });
  if (response.status === 401) return forgetKey(text("keyRefused"));
  if (!response.ok) throw new Error((await response.json()).error.message);
  const answer = addMessage("assistant", "");
  for await (const [name, data] of readEvents(response)) {
    if (name === "message") answer.append(data.delta);
    else if (name === "tool_call") addToolCall(data, answer);
    else if (name === "tool_result") showToolResult(data);
    else if (name === "done") conversationId = data.conversation_id;
    else if (name === "error") throw new Error(data.message);
  }
  return undefined;
}

byId("message-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const message = byId("message-input").value.trim();
  if (!message || abortController) return;
  byId("error-message").textContent = "";
  byId("message-input").value = "";
  addMessage("user", message);
  byId("messages").setAttribute("aria-busy", "true");
  byId("send-button").disabled = true;
  byId("stop-button").hidden = false;
  try {
    await sendMessage(message);
  } catch (error) {
    if (error.name !== "AbortError") {
      byId("error-message").textContent = error instanceof TypeError ? text("offline") : error.message;
    }
  } finally {
    abortController = null;
    byId("messages").setAttribute("aria-busy", "false");
    byId("send-button").disabled = false;
    byId("stop-button").hidden = true;
  }
});
byId("message-input").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("message-form").requestSubmit();
  }
});
byId("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  key = byId("key-input").value.trim();
  byId("key-input").value = "";
  localStorage.setItem(KEY_STORAGE, key);
  byId("error-message").textContent = "";
  showLoginOrChat();
});
byId("stop-button").addEventListener("click", () => abortController && abortController.abort());
byId("forget-key-button").addEventListener("click", () => forgetKey(""));
byId("language-button").addEventListener("click", () => {
  language = nextLanguage();
  applyLanguage();
});

applyLanguage();
showLoginOrChat();
