/* c-reader/tool/profile: the page of `ancientctl profile --html`: a map of the file, tables, types.
 * All data are in the element "data"; texts go into the page as text alone.  tests/c-reader/tool
 * calls what is exported at the end without a browser. */
"use strict";

/* ---- Texts ------------------------------------------------------------------------ */

/* What a file may say, without what changes the direction of a text or breaks its lines; a byte that
 * was no UTF-8 is a lone surrogate in the data (FORMAT, appendix A). */
function shown(text) {
  return text
    .replace(/[\udc80-\udcff]/gu, (c) => "\\x" + (c.charCodeAt(0) - 0xdc00).toString(16))
    .replace(
      /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
      (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"),
    );
}

function count(number) {
  return number.toLocaleString("en-US");
}

function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"];
  let unit = 0;
  for (; bytes >= 999.95 && unit + 1 < units.length; unit++) bytes /= 1000;
  return (unit === 0 ? count(bytes) : bytes.toFixed(1)) + " " + units[unit];
}

function percent(part, whole) {
  return whole === 0 ? "0 %" : ((100 * part) / whole).toFixed(part / whole < 0.1 ? 2 : 1) + " %";
}

/* ---- Data ------------------------------------------------------------------------- */

/* Numbers past 2^53 are strings. */
function bytesOf(row) {
  return Number(row.bytes) + Number(row.bigarray_bytes || 0);
}

function sharedOf(row) {
  return Number(row.shared_bytes || 0) + Number(row.shared_bigarray_bytes || 0);
}

function node(name, colour, more) {
  return { name, colour, type: null, own: 0, shared: 0, blocks: 0, children: [], ...more };
}

/* Sets what is in each node and below it, largest first; a node's own blocks are one of its
 * children.  Parents stand before their children in `nodes`. */
function sum(nodes) {
  for (const at of [...nodes].reverse()) {
    at.bytes = at.children.reduce((all, child) => all + child.bytes, at.own);
    if (at.children.length > 0 && at.own > 0)
      at.children.push({ ...at, name: "(itself)", bytes: at.own, children: [], itself: true });
    at.children = at.children.filter((child) => child.bytes > 0);
    at.children.sort((a, b) => b.bytes - a.bytes);
  }
}

/* The tree that the map shows: the keys with their paths, and the parts that are no values. */
function tree(data) {
  const root = node("the file", "plain", { path: "the file" });
  const nodes = [root];
  const paths = [];
  let keys = 0;
  for (const row of data.paths) {
    const above = row.parent === null ? root : paths[row.parent];
    const colour = row.parent === null ? "k" + (keys++ % 8) : above.colour;
    const name = shown(row.step || "");
    const at = node(name, colour, {
      path: row.parent === null ? name : above.path + name,
      type: row.type === null ? null : shown(row.type),
      own: bytesOf(row),
      shared: sharedOf(row),
      blocks: Number(row.blocks),
      samples: (row.samples || []).map(shown),
    });
    above.children.push(at);
    paths.push(at);
    nodes.push(at);
  }
  for (const part of data.parts) {
    if (part.group === "values" || part.bytes === 0) continue;
    let group = root.children.find((child) => child.group === part.group);
    if (group === undefined) {
      const colour = part.group === "garbage" ? "garbage" : "plain";
      group = node(part.group, colour, { group: part.group, path: part.group });
      root.children.push(group);
      nodes.push(group);
    }
    const at = node(part.part, group.colour, {
      path: part.part,
      own: Number(part.bytes),
      blocks: Number(part.blocks),
    });
    group.children.push(at);
    nodes.push(at);
  }
  sum(nodes);
  return { root, paths };
}

/* ---- Layout ----------------------------------------------------------------------- */

const TILES = 250;

/* What is drawn of many: the largest, and the rest in one. */
function merged(children) {
  if (children.length <= TILES) return children;
  const rest = children.slice(TILES - 1);
  const bytes = rest.reduce((all, child) => all + child.bytes, 0);
  const more = node(count(rest.length) + " smaller ones", "plain", { path: "", bytes, rest: true });
  more.children = rest;
  return [...children.slice(0, TILES - 1), more];
}

/* Of a row of tiles along the shorter side, given the areas of its largest, its least and of all: how
 * far from a square the worst is. */
function worst(most, least, total, side) {
  return Math.max((side * side * most) / (total * total), (total * total) / (side * side * least));
}

/* How many of the nodes from `next` on make the best row along `side`. */
function rowOf(nodes, next, scale, side) {
  const most = nodes[next].bytes * scale;
  let total = most;
  let shape = worst(most, most, total, side);
  let count = 1;
  for (; next + count < nodes.length; count++) {
    const area = nodes[next + count].bytes * scale;
    const now = worst(most, area, total + area, side);
    if (now > shape) break;
    shape = now;
    total += area;
  }
  return nodes.slice(next, next + count);
}

/* Rectangles {node, x, y, w, h} that fill the given one, of areas as the nodes' bytes, which come
 * largest first: "squarified" rows.  All is by shares of what is left, so that no error of rounding
 * leads outside. */
function layout(nodes, x, y, w, h) {
  let left = nodes.reduce((total, one) => total + one.bytes, 0);
  const tiles = [];
  for (let next = 0; next < nodes.length && left > 0 && w > 0 && h > 0; ) {
    const row = rowOf(nodes, next, (w * h) / left, Math.min(w, h));
    const bytes = row.reduce((total, one) => total + one.bytes, 0);
    const share = Math.min(1, bytes / left);
    const across = w >= h;
    let along = 0;
    for (const node of row) {
      const part = node.bytes / bytes;
      tiles.push(
        across
          ? { node, x, y: y + along * h, w: share * w, h: part * h }
          : { node, x: x + along * w, y, w: part * w, h: share * h },
      );
      along += part;
    }
    if (across) x += share * w;
    else y += share * h;
    [w, h] = across ? [w - share * w, h] : [w, h - share * h];
    left -= bytes;
    next += row.length;
  }
  return tiles;
}

/* ---- The page --------------------------------------------------------------------- */

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function describe(at, whole) {
  const words = [at.path || at.name];
  if (at.itself) words[0] += ", without what is in it";
  if (at.type !== null) words.push(at.type);
  words.push(size(at.bytes) + ", " + percent(at.bytes, whole));
  if (at.blocks > 0 && (at.children.length === 0 || at.itself)) words.push(count(at.blocks) + " blocks");
  if (at.shared > 0 && at.children.length === 0) words.push(size(at.shared) + " shared");
  if (at.samples && at.samples.length > 0) words.push("such as " + at.samples[0]);
  return words.join(" \u00b7 ");
}

const LABEL = 18;

function place(tile, x, y, w, h) {
  tile.style.cssText = `left:${x}px;top:${y}px;width:${w}px;height:${h}px`;
}

function fill(tile, at, colour, w, h) {
  tile.classList.add("tile", colour);
  if (w > 30 && h > LABEL) tile.append(element("b", {}, at.name));
  if (w > 60 && h > 2 * LABEL && (at.children.length === 0 || h > 4 * LABEL))
    tile.append(element("span", {}, size(at.bytes)));
  if (at.children.length === 0 && at.shared > 0) {
    const stripes = element("i", { class: "shared" });
    stripes.style.height = Math.min(100, (100 * at.shared) / at.bytes) + "%";
    tile.prepend(stripes);
  }
}

class TreeMap {
  constructor(root) {
    this.stack = [root];
    this.whole = root.bytes;
    this.map = document.getElementById("map");
    this.trail = document.getElementById("trail");
    this.detail = document.getElementById("detail");
    this.map.addEventListener("keydown", (event) => this.key(event));
    this.width = 0;
    new ResizeObserver(() => {
      if (this.map.clientWidth === this.width || this.map.clientWidth === 0) return;
      const index = this.tiles.findIndex((tile) => tile === document.activeElement);
      this.draw();
      if (index >= 0) this.tiles[index].focus();
    }).observe(this.map);
    this.draw();
  }

  get here() {
    return this.stack[this.stack.length - 1];
  }

  draw() {
    const w = (this.width = this.map.clientWidth);
    const h = this.map.clientHeight;
    this.shown = layout(merged(this.here.children), 0, 0, w, h);
    this.tiles = this.shown.map((tile, index) => this.tile(tile, this.colour(tile.node, index)));
    this.map.replaceChildren(...this.tiles);
    this.say(this.here);
    this.drawTrail();
  }

  /* Keys have theirs; within a key, so that neighbours differ, each child does. */
  colour(at, index) {
    return this.stack.length === 1 || !at.colour.startsWith("k") ? at.colour : "k" + (index % 8);
  }

  tile({ node: at, x, y, w, h }, colour) {
    const tile = element("button", { type: "button", "aria-label": describe(at, this.whole) });
    fill(tile, at, colour, w, h);
    place(tile, x, y, w, h);
    if (at.children.length > 0) {
      tile.classList.add("inside");
      tile.addEventListener("click", () => this.into(at));
      this.inner(tile, at, colour, w, h);
    }
    tile.addEventListener("focus", () => this.say(at));
    tile.addEventListener("mouseenter", () => this.say(at));
    return tile;
  }

  /* What is inside of a tile, where there is room to show it. */
  inner(tile, at, colour, w, h) {
    const top = h > 4 * LABEL ? 2 * LABEL : LABEL;
    if (w < 60 || h < top + 20) return;
    for (const part of layout(merged(at.children), 3, top, w - 8, h - top - 5)) {
      if (part.w < 3 || part.h < 3) continue;
      const inner = element("div", { "aria-hidden": "true" });
      fill(inner, part.node, colour, part.w, part.h);
      place(inner, part.x, part.y, part.w, part.h);
      tile.append(inner);
    }
  }

  say(at) {
    this.detail.textContent = describe(at, this.whole);
  }

  drawTrail() {
    const steps = this.stack.flatMap((at, depth) => {
      const button = element("button", { type: "button" }, at.name);
      button.disabled = depth === this.stack.length - 1;
      button.addEventListener("click", () => this.outTo(depth));
      return depth === 0 ? [button] : [element("span", {}, "\u203a"), button];
    });
    this.trail.replaceChildren(...steps);
  }

  into(at) {
    this.stack.push(at);
    this.draw();
    if (this.tiles.length > 0) this.tiles[0].focus();
  }

  outTo(depth) {
    const left = this.stack[depth + 1];
    this.stack.length = depth + 1;
    this.draw();
    const index = this.shown.findIndex((tile) => tile.node === left);
    (this.tiles[index] || this.tiles[0]).focus();
  }

  key(event) {
    const index = this.tiles.indexOf(document.activeElement);
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    if ((event.key === "Escape" || event.key === "Backspace") && this.stack.length > 1)
      this.outTo(this.stack.length - 2);
    else if (event.key in steps && index >= 0)
      this.tiles[(index + steps[event.key] + this.tiles.length) % this.tiles.length].focus();
    else return;
    event.preventDefault();
  }
}

/* ---- Tables ----------------------------------------------------------------------- */

const ROWS = 25;

/* A cell is what is shown, and what the order is by where that is another. */
function cell(text, value) {
  return { text, value: value === undefined ? text : value };
}

function bytesCell(bytes) {
  return bytes === 0 ? cell("", 0) : cell(size(bytes), bytes);
}

function countCell(number) {
  return number === 0 ? cell("", 0) : cell(count(number), number);
}

/* columns: {title, kind}, of a kind number, text, path, code (a list of texts) or bar; rows: arrays
 * of cells. */
class Table {
  constructor(title, columns, rows) {
    this.columns = columns;
    this.rows = rows;
    this.all = rows.length <= ROWS;
    this.body = element("tbody");
    this.heads = columns.map((column, index) => {
      const button = element("button", { type: "button" }, column.title);
      button.addEventListener("click", () => this.sort(index));
      return element("th", { class: column.kind, scope: "col" }, button);
    });
    const wide = columns.some((column) => column.kind === "code") ? "wide" : "";
    const table = element("table", { class: wide }, element("thead", {}, element("tr", {}, ...this.heads)), this.body);
    this.section = element("section", {}, element("h2", {}, title), element("div", { class: "scroll" }, table));
    if (!this.all) {
      const more = element("button", { type: "button", class: "more" }, `Show all ${count(rows.length)} rows`);
      more.addEventListener("click", () => {
        this.all = true;
        more.remove();
        this.draw();
      });
      this.section.append(more);
    }
    this.draw();
  }

  /* Numbers come largest first, texts in their order; the other way round the second time. */
  sort(index) {
    const head = this.heads[index];
    const first = this.columns[index].kind === "number" ? "descending" : "ascending";
    const second = first === "descending" ? "ascending" : "descending";
    const order = head.getAttribute("aria-sort") === first ? second : first;
    for (const other of this.heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    this.rows.sort((a, b) => {
      const [left, right] = [a[index].value, b[index].value];
      return left < right ? -sign : left > right ? sign : 0;
    });
    this.draw();
  }

  draw() {
    const rows = this.all ? this.rows : this.rows.slice(0, ROWS);
    this.body.replaceChildren(
      ...rows.map((row) => element("tr", {}, ...row.map((one, i) => this.cell(one, this.columns[i].kind)))),
    );
  }

  cell(one, kind) {
    const made = element("td", { class: kind });
    if (kind === "bar") {
      const bar = element("div");
      bar.style.width = one.value + "%";
      made.append(bar);
    } else if (kind === "code") {
      made.append(element("div", {}, ...one.text.map((line) => element("div", {}, line))));
    } else {
      made.textContent = one.text;
    }
    return made;
  }
}

const NUMBERS = ["Size", "%", "Shared", "Blocks"].map((title) => ({ title, kind: "number" }));

function numberCells(row, whole) {
  const bytes = bytesOf(row);
  return [
    bytesCell(bytes),
    cell(percent(bytes, whole), bytes),
    bytesCell(sharedOf(row)),
    countCell(Number(row.blocks)),
  ];
}

function text(title) {
  return { title, kind: "text" };
}

function keyName(row) {
  if (row.others) return `(${count(row.others)} other keys)`;
  return row.name === null ? String(row.key) : shown(row.name);
}

function tablesOf(data, paths) {
  const whole = Number(data.file_bytes);
  const largest = Math.max(1, ...data.strings.map((row) => Number(row.count)));
  const tables = [];
  const add = (title, columns, rows) => rows.length > 0 && tables.push({ title, columns, rows });
  add(
    "Keys",
    [text("Key"), ...NUMBERS, text("Type"), { title: "Value", kind: "code" }],
    data.keys.map((row) => [
      cell(keyName(row)),
      ...numberCells(row, whole),
      cell(shown(row.type || "")),
      cell([shown(row.sample || "")], row.sample || ""),
    ]),
  );
  add(
    "Paths",
    [{ title: "Path", kind: "path" }, ...NUMBERS, text("Type"), { title: "Samples", kind: "code" }],
    data.paths
      .map((row, i) => [
        cell(paths[i].path),
        ...numberCells(row, whole),
        cell(shown(row.type || "")),
        cell((row.samples || []).map(shown), (row.samples || [])[0] || ""),
      ])
      .filter((row) => row[1].value > 0)
      .sort((a, b) => b[1].value - a[1].value),
  );
  add(
    "Types of blocks",
    [text("Type"), ...NUMBERS],
    data.types.map((row) => [cell(shown(row.type || "")), ...numberCells(row, whole)]),
  );
  add(
    "Strings by length",
    [
      { title: "Bytes of text", kind: "number" },
      { title: "Strings", kind: "number" },
      { title: "Size", kind: "number" },
      { title: "", kind: "bar" },
    ],
    data.strings.map((row) => [
      cell(row.from === row.to ? count(row.from) : `${count(Number(row.from))} to ${count(Number(row.to))}`, Number(row.from)),
      countCell(Number(row.count)),
      bytesCell(Number(row.bytes)),
      cell("", (100 * Number(row.count)) / largest),
    ]),
  );
  add(
    "Parts of the file",
    [text("Part"), text("Group"), ...NUMBERS.filter((column) => column.title !== "Shared")],
    data.parts
      .filter((row) => row.bytes !== 0)
      .map((row) => {
        const [bytes, share, , blocks] = numberCells(row, whole);
        return [cell(row.part), cell(row.group), bytes, share, blocks];
      }),
  );
  add(
    "Equal blocks",
    [text("What"), text("Freed by"), ...NUMBERS.filter((column) => column.title !== "Shared")],
    [
      ["numbers, and what types allow", "compact --dedup", data.equal_bytes, data.equal_blocks],
      ["strings without a type", "compact --dedup-strings", data.equal_string_bytes, data.equal_strings],
    ]
      .filter((row) => Number(row[2]) !== 0)
      .map(([what, by, equal, number]) => {
        const [bytes, share, , blocks] = numberCells({ bytes: equal, blocks: number }, whole);
        return [cell(what), cell(by), bytes, share, blocks];
      }),
  );
  add(
    "Garbage",
    [text("Kind of block"), ...NUMBERS.filter((column) => column.title !== "Shared")],
    data.garbage.map((row) => {
      const [bytes, share, , blocks] = numberCells(row, whole);
      return [cell(row.kind), bytes, share, blocks];
    }),
  );
  add(
    "Commits",
    ["Generation", "Size", "Values in use", "Garbage"].map((title) => ({ title, kind: "number" })),
    [...data.commits].reverse().map((row) => [
      cell(count(Number(row.generation)) + (row.commits > 1 ? " and before" : ""), Number(row.generation)),
      bytesCell(Number(row.bytes)),
      bytesCell(Number(row.live_bytes)),
      bytesCell(Number(row.dead_bytes)),
    ]),
  );
  return tables;
}

/* ---- All of it -------------------------------------------------------------------- */

function drawHead(data) {
  const whole = Number(data.file_bytes);
  const groups = new Map();
  for (const part of data.parts) {
    const group = part.part.startsWith("shared") ? "shared values" : part.group;
    groups.set(group, (groups.get(group) || 0) + Number(part.bytes));
  }
  const colours = { values: "k0", "shared values": "k0 shared", structure: "k3", padding: "plain" };
  const blocks = data.parts.reduce((all, part) => all + Number(part.blocks), 0);
  const spoken = [];
  document.title = shown(data.file) + ": profile";
  document.getElementById("name").textContent = shown(data.file);
  document.getElementById("summary").textContent = [
    size(whole),
    "generation " + count(Number(data.generation)),
    count(Number(data.key_count)) + (data.key_count === 1 ? " key" : " keys"),
    count(blocks) + " blocks, " + size(Number(data.block_header_bytes)) + " of them headers",
  ].join(" \u00b7 ");
  for (const [group, bytes] of groups) {
    if (bytes === 0) continue;
    const colour = colours[group] || (group === "garbage" ? "garbage" : "k7");
    const part = element("span", { class: colour });
    part.style.flex = `${bytes} 0 0`;
    document.getElementById("bar").append(part);
    spoken.push(`${group} ${size(bytes)}, ${percent(bytes, whole)}`);
    document
      .getElementById("legend")
      .append(element("li", {}, element("i", { class: colour }), spoken[spoken.length - 1]));
  }
  document.getElementById("bar").setAttribute("aria-label", spoken.join("; "));
}

/* Each text once, with its keys. */
function drawSchemas(data) {
  const keys = new Map();
  for (const row of data.keys)
    if (row.schema) keys.set(row.schema, [...(keys.get(row.schema) || []), keyName(row)]);
  const section = document.getElementById("schemas");
  section.hidden = keys.size === 0;
  for (const [schema, names] of keys) {
    const lines = schema.split("\n").map(shown).join("\n");
    const few = names.slice(0, 8).join(", ") + (names.length > 8 ? ", \u2026" : "");
    section.append(element("details", {}, element("summary", {}, few), element("pre", {}, lines)));
  }
  if (keys.size === 1) section.querySelector("details").open = true;
}

function draw() {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { root, paths } = tree(data);
  drawHead(data);
  new TreeMap(root);
  for (const { title, columns, rows } of tablesOf(data, paths))
    document.getElementById("tables").append(new Table(title, columns, rows).section);
  drawSchemas(data);
}

if (typeof document !== "undefined") draw();
else module.exports = { layout, merged, shown, size, tablesOf, tree };
