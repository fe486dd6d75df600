// The queue of alerts: a list of thousands of which only the rows in sight are in the page.
// Click, arrow keys or j and k choose; the choice goes back as `pick` once the hand rests.

const ROW_PX = 58;
const REST_MS = 120;
const queues = new WeakMap();

function svg(mark, size) {
  const edge = mark.hollow ? mark.colour : "#17212B";
  const fill = mark.hollow ? "#FFFFFF" : mark.colour;
  const shape = mark.outline.length
    ? `<polygon points="${mark.outline.map((p) => p.join(",")).join(" ")}"`
    : '<circle r="0.85"';
  return `<svg width="${size}" height="${size}" viewBox="-1.2 -1.2 2.4 2.4" aria-hidden="true">${shape} fill="${fill}" stroke="${edge}" stroke-width="0.16"/></svg>`;
}

function element(tag, css, text) {
  const node = document.createElement(tag);
  node.className = css;
  if (text !== undefined) node.textContent = text;
  return node;
}

function rowOf(state, row, index) {
  const node = element("div", `yx-row yx-state-${row.state}${row.seen ? "" : " yx-unseen"}`);
  node.style.top = `${index * ROW_PX}px`;
  node.setAttribute("role", "option");
  node.setAttribute("aria-selected", String(row.id === state.chosen));
  node.dataset.id = row.id;
  const mark = element("span", "yx-row-mark");
  mark.innerHTML = svg(state.data.marks[row.kind] || state.data.marks.other, 18);
  const words = element("span", "yx-row-words");
  const first = element("span", "yx-row-first");
  first.append(element("span", "yx-row-title", row.title), element("span", "yx-row-figure", row.figure));
  const second = element("span", "yx-row-second");
  second.append(element("span", "yx-row-source", row.source), element("span", `yx-chip yx-chip-${row.state}`, row.state_words));
  words.append(first, second);
  node.append(mark, words);
  node.addEventListener("click", () => choose(state, row.id, true));
  return node;
}

function paint(state) {
  const rows = state.data.rows;
  const first = Math.max(0, Math.floor(state.box.scrollTop / ROW_PX) - 4);
  const last = Math.min(rows.length, Math.ceil((state.box.scrollTop + state.box.clientHeight) / ROW_PX) + 4);
  state.space.style.height = `${rows.length * ROW_PX}px`;
  state.space.replaceChildren(...rows.slice(first, last).map((row, i) => rowOf(state, row, first + i)));
}

function reveal(state) {
  const index = state.data.rows.findIndex((row) => row.id === state.chosen);
  if (index < 0) return;
  const top = index * ROW_PX;
  if (top < state.box.scrollTop) state.box.scrollTop = top;
  const bottom = top + ROW_PX - state.box.clientHeight;
  if (bottom > state.box.scrollTop) state.box.scrollTop = bottom;
}

function choose(state, id, now) {
  if (id === state.chosen) return;
  state.chosen = id;
  reveal(state);
  paint(state);
  clearTimeout(state.rest);
  state.rest = setTimeout(() => state.pick(id), now ? 0 : REST_MS);
}

function step(state, by) {
  const rows = state.data.rows;
  const at = rows.findIndex((row) => row.id === state.chosen);
  const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  if (next) choose(state, next.id, false);
}

function onKey(state, event) {
  const typing = event.composedPath().some((n) => n.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(n.tagName || ""));
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const inside = event.composedPath().includes(state.box);
  const by = { j: 1, k: -1, ...(inside ? { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 } : {}) }[event.key];
  if (!by) return;
  event.preventDefault();
  step(state, by);
}

function build(root) {
  const box = root.querySelector(".yx-queue");
  const space = element("div", "yx-space");
  box.replaceChildren(space);
  const state = { box, space, chosen: null, pick: () => {}, data: { rows: [], marks: {} } };
  box.addEventListener("scroll", () => paint(state), { passive: true });
  state.keys = (event) => onKey(state, event);
  document.addEventListener("keydown", state.keys);
  return state;
}

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  let state = queues.get(parentElement);
  if (!state) {
    state = build(parentElement);
    queues.set(parentElement, state);
  }
  state.data = data;
  state.pick = (id) => setTriggerValue("pick", id);
  state.box.style.height = `${data.height_px}px`;
  state.box.setAttribute("aria-label", data.title);
  if (data.chosen !== state.told) {
    state.told = data.chosen;
    state.chosen = data.chosen;
    reveal(state);
  }
  paint(state);
  return () => {
    document.removeEventListener("keydown", state.keys);
    clearTimeout(state.rest);
    queues.delete(parentElement);
  };
}
