// The report page. Data comes as scripts (data/*.js) that call zhanbao.take, because a page opened from disk may load
// scripts but not read files. Nothing from the data ever becomes markup: elements are made one by one, texts are text.
//
// A page from disk has all facts in its index. A page that is served (zhanbao serve) asks for those that a view needs,
// by the same kind of script; `among` is the one place that knows the difference for facts.
"use strict";

const zhanbao = (() => {
  const LOW_CONFIDENCE = 50; // per cent
  const COMMON_COLUMNS = 12;
  const SOURCES_AT_ONCE = 10;
  const RANKED = 30;
  const PATH = " › ";
  const TITLES_AT_ONCE = 100;
  const CURRENT = 1, PART = 4, RUNNING = 8;
  const CONFLICT = 1, CHECK = 2;
  const MOST = 100_000; // facts that are asked for at once
  const LEVELS = ["country", "province", "prefecture", "county"];

  const pieces = new Map();
  let data, field; // the index, place of a figure's field by name
  let facts, everyFact = []; // the facts that are known as parallel lists, and the numbers of all where all are known
  let language = "zh";
  const articleIds = new Map(); // number -> id, as far as known
  let grid, built, articleGrid, chosenColumns, rows = [], turns = 0, lastCell = null, returning = null;

  // ---------------------------------------------------------------- pieces of data

  function take(name, content) {
    const piece = pieces.get(name);
    if (piece) piece.resolve(content);
    else pieces.set(name, { promise: Promise.resolve(content) });
  }

  // a served page names what it wants of a piece
  function load(piece, wanted) {
    const asked = new URLSearchParams(wanted).toString();
    const name = asked ? `${piece}?${asked}` : piece;
    if (!pieces.has(name)) {
      const answer = {};
      answer.promise = new Promise((resolve, reject) => Object.assign(answer, { resolve, reject }));
      pieces.set(name, answer);
      const script = document.createElement("script");
      script.src = `data/${piece}.js${asked ? "?" : ""}${asked}`;
      script.onerror = () => {
        pieces.delete(name);
        answer.reject(new Error(say(data?.served ? "missing_served" : "missing", { name: script.getAttribute("src") })));
      };
      document.head.append(script);
    }
    return pieces.get(name).promise;
  }

  async function article(number) {
    if (data.served) return load("article", { number });
    const chunk = d3.bisectRight(data.chunks, number) - 1;
    return (await load(`articles-${chunk}`))[number - data.chunks[chunk]];
  }

  // ---------------------------------------------------------------- words, numbers, elements

  const place = () => (language === "zh" ? 0 : 1);

  function say(key, values = {}) {
    const text = data?.texts[key] ? data.texts[key][place()] : key;
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  }

  // a code of the tables in words, where the page has words for it
  const sayCode = (name, code) => (data.texts[`${name}_${code}`] ? say(`${name}_${code}`) : code);

  const fieldName = (name) => (language === "zh" ? data.labels[name] ?? name : name.replaceAll("_", " "));

  const columnName = (column) => (language === "zh" ? column.label : column.label_en);

  // making a format takes a thousand times as long as using it
  const formats = Object.fromEntries(["zh", "en"].map((its) => [its, {
    exact: new Intl.NumberFormat(its, { maximumFractionDigits: 4 }),
    rounded: new Intl.NumberFormat(its, { notation: "compact", maximumFractionDigits: 1 }),
  }]));

  const number = (value) => formats[language].exact.format(value);

  const rounded = (value) => formats[language].rounded.format(value);

  // long numbers in 万 and 亿, or M and B, but only where nothing is lost by that
  function brief(value) {
    const units = language === "zh" ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "B"], [1e6, "M"]];
    const unit = Math.abs(value) >= 1e6 && units.find(([size]) => Math.abs(value) >= size && Number.isInteger((1e4 * value) / size));
    return unit ? number(value / unit[0]) + unit[1] : number(value);
  }

  function quantity(value, top, bound) {
    const text = top == null ? brief(value) : `${brief(value)}–${brief(top)}`;
    const before = { about: "≈", at_least: "≥", at_most: "≤", under: "<", vague: "~" };
    return (before[bound] ?? "") + text + (bound === "over" ? "+" : "");
  }

  const percent = (fact) => (data.columns[facts.column[fact]].measure.startsWith("percent") ? "%" : "");

  const shownValue = (fact) => quantity(facts.value[fact], facts.value_max[fact], facts.bound[fact]) + percent(fact);

  function el(name, properties = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (value == null || value === false) continue;
      if (key === "class") element.className = value;
      else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
      else element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child != null && child !== ""));
    return element;
  }

  const byId = (id) => document.getElementById(id);

  function inform(text = "", problem = false) {
    byId("status").textContent = text;
    byId("status").classList.toggle("problem", problem);
  }

  // what is being filled says so, to screen readers too
  const busy = (id, is = true) => byId(id).setAttribute("aria-busy", String(is));

  // a link leaves the page only to the web
  const outside = (url, text) => (/^https?:\/\//i.test(url ?? "") ? el("a", { href: url, rel: "noopener noreferrer" }, text) : text);

  function translate() {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    for (const node of document.querySelectorAll("[data-text]")) node.textContent = say(node.dataset.text);
    for (const [attribute, name] of [["aria-label", "label"], ["title", "title"], ["placeholder", "placeholder"]]) {
      for (const node of document.querySelectorAll(`[data-${name}]`)) node.setAttribute(attribute, say(node.dataset[name]));
    }
    byId("language").textContent = say("language");
    byId("language").lang = language === "zh" ? "en" : "zh-CN";
  }

  // ---------------------------------------------------------------- which facts lead which cells

  function conditions(form) {
    const value = (name) => form.elements[name]?.value ?? "";
    return {
      level: value("level"),
      campaign: value("campaign") === "" ? null : Number(value("campaign")),
      since: value("from"),
      until: value("to"),
      search: value("search").trim().toLowerCase(),
      whose: value("whose").trim(),
    };
  }

  // a test of facts by what is wanted: campaign, period, words, region, columns, whether only what is current
  function test({ campaign, since, until, whose, region, columns, current }) {
    const words = whose ? new Set(facts.words.flatMap((word, at) => (word.includes(whose) ? [at] : []))) : null;
    const among = columns && new Set(columns);
    return (fact) => {
      if (region != null && facts.region[fact] !== region) return false;
      if (among && !among.has(facts.column[fact])) return false;
      if (current && !(facts.flags[fact] & CURRENT)) return false;
      if (campaign != null && facts.campaign[fact] !== campaign) return false;
      if (words && !words.has(facts.actor[fact]) && !words.has(facts.object[fact])) return false;
      const day = facts.until[fact];
      if (since && !(day && day >= since)) return false;
      return !(until && !(day && day <= until));
    };
  }

  // what of the conditions a server is told; level and search are about rows, not facts
  function asked({ level, search, ...wanted }, more = {}) {
    const told = Object.entries({ ...wanted, ...more }).filter(([, value]) => value != null && value !== "" && value !== false);
    return Object.fromEntries(told.map(([name, value]) => [name, value === true ? 1 : value]));
  }

  // facts of an answer become known under their numbers
  function learn(piece) {
    const shift = { actor: facts.words.length, object: facts.words.length };
    for (const word of piece.words) facts.words.push(word);
    for (const [name, list] of Object.entries(facts)) {
      if (name === "words") continue;
      for (let at = 0; at < piece.fact.length; at++) list[piece.fact[at]] = shift[name] == null ? piece[name][at] : piece[name][at] + shift[name];
    }
    for (const [articleNumber, id] of piece.ids ?? []) articleIds.set(articleNumber, id);
    return piece.fact;
  }

  // The facts that are wanted, from number `from` on and `n` of them: in the order in which they lead, and how many
  // there are in all.
  async function among(wanted, from = 0, n = MOST) {
    if (data.served) {
      const piece = await load("facts", asked(wanted, { offset: from, limit: n }));
      return { found: learn(piece), total: piece.total };
    }
    const found = everyFact.filter(test(wanted));
    return { found: found.slice(from, from + n), total: found.length };
  }

  // Region -> column -> its cell: the leading fact, the number of the others, the marks of these. Facts lie in the
  // order in which they lead.
  async function cells(wanted) {
    const narrowed = { ...wanted, current: !wanted.since && !wanted.until };
    const found = new Map();
    const add = (fact, others, behind) => {
      let row = found.get(facts.region[fact]);
      if (!row) found.set(facts.region[fact], (row = new Map()));
      const cell = row.get(facts.column[fact]);
      if (!cell) row.set(facts.column[fact], { lead: fact, others, behind });
      else {
        cell.others += 1;
        cell.behind |= (facts.n_conflicts[fact] ? CONFLICT : 0) | (facts.n_contradictions[fact] ? CHECK : 0);
      }
    };
    if (data.served) {
      const piece = await load("leads", asked(narrowed));
      learn(piece).forEach((fact, at) => add(fact, piece.others[at], piece.behind[at]));
    } else for (const fact of everyFact.filter(test(narrowed))) add(fact, 0, 0);
    return found;
  }

  const region = (at) => data.regions[at] ?? { code: "", name: say("no_region"), level: null, path: [], words: [] };

  async function tableRows(wanted) {
    const found = [];
    for (const [at, row] of await cells(wanted)) {
      const its = region(at);
      if (LEVELS.includes(wanted.level) && its.level !== wanted.level) continue;
      const path = its.path.join(PATH);
      if (wanted.search && !`${its.name} ${path} ${its.code}`.toLowerCase().includes(wanted.search)) continue;
      const record = { id: at, code: its.code || "999999", name: its.name, path };
      for (const [column, cell] of row) record[`c${column}`] = cell;
      found.push(record);
    }
    return found.sort((a, b) => (a.code < b.code ? -1 : 1));
  }

  // ---------------------------------------------------------------- the table

  function marks(fact) {
    const found = [];
    if (facts.n_conflicts[fact]) found.push(["conflict", "≠", say("mark_conflict")]);
    if (facts.n_contradictions[fact]) found.push(["check", "!", say("mark_check")]);
    if (facts.confidence[fact] < LOW_CONFIDENCE) found.push(["doubt", "?", say("low_confidence")]);
    return found;
  }

  function cellButton(cell) {
    const value = cell.getValue();
    if (!value) return "";
    const { lead: fact, others } = value;
    const at = cell.getData().id;
    const found = marks(fact);
    const said = [region(at).name, columnName(data.columns[facts.column[fact]]), shownValue(fact), ...found.map((m) => m[2])];
    // what is doubtful among the other facts is said beside their number
    const behind = (value.behind & CONFLICT ? "≠" : "") + (value.behind & CHECK ? "!" : "");
    if (others) said.push(`${say("other_facts", { n: others })} ${behind}`.trim());
    return el(
      "button",
      {
        type: "button", tabindex: -1, class: found.some((m) => m[0] === "doubt") ? "cell doubtful" : "cell",
        "aria-label": said.join(" · "), title: said.slice(2).join(" · "),
        "data-region": at, "data-column": facts.column[fact],
      },
      shownValue(fact),
      ...found.map(([name, sign]) => el("b", { class: `mark ${name}`, "aria-hidden": "true" }, sign)),
      others ? el("small", { "aria-hidden": "true" }, `+${others}`, behind ? el("b", { class: "mark" }, behind) : "") : "",
    );
  }

  // empty cells stay below, whichever way the column is sorted
  function byValue(a, b, rowA, rowB, column, direction) {
    if (!a || !b) return a ? (direction === "asc" ? -1 : 1) : b ? (direction === "asc" ? 1 : -1) : 0;
    return facts.value[a.lead] - facts.value[b.lead];
  }

  // the name of a region narrows the table to it and its divisions, as the search does, which the keyboard can reach
  function nameButtons(cell) {
    const holder = el("span", {});
    for (const [at, name] of cell.getValue().split(PATH).filter(Boolean).entries()) {
      if (at) holder.append(PATH);
      holder.append(cell.getData().code === "999999" ? name : el("button", { type: "button", tabindex: -1, class: "narrow", title: say("narrow_region", { name }), "data-name": name }, name));
    }
    return holder;
  }

  const heading = (text) => () => el("button", { type: "button", class: "title-button" }, text);

  function gridColumns() {
    const fixed = [
      { field: "name", title: say("region"), titleFormatter: heading(say("region")), formatter: nameButtons, frozen: true, width: 130, sorter: (a, b, x, y) => (x.getData().code < y.getData().code ? -1 : 1) },
      { field: "path", title: say("path"), titleFormatter: heading(say("path")), formatter: nameButtons, width: 140, sorter: "string" },
    ];
    return fixed.concat(
      [...chosenColumns].sort((a, b) => a - b).map((at) => ({
        field: `c${at}`, title: columnName(data.columns[at]), titleFormatter: heading(columnName(data.columns[at])),
        formatter: cellButton, sorter: byValue, hozAlign: "right", width: 128, headerSortStartingDir: "desc", headerSortTristate: true,
      })),
    );
  }

  // the metrics that most regions report
  function commonColumns() {
    const named = [...data.columns.keys()].filter((at) => data.columns[at].metric !== "other" && data.columns[at].regions);
    named.sort((a, b) => data.columns[b].regions - data.columns[a].regions || a - b);
    return new Set(named.slice(0, COMMON_COLUMNS));
  }

  async function drawTable(columnsToo = false) {
    busy("grid");
    const turn = ++turns;
    const found = await tableRows(conditions(byId("filters")));
    if (turn !== turns) return; // meanwhile something else was asked for
    rows = found;
    byId("shown").textContent = `${number(rows.length)} ${say("regions_count")}`;
    if (!grid) {
      grid = new Tabulator("#grid", {
        data: rows, columns: gridColumns(), index: "id", height: "68vh", rowHeight: 34, layout: "fitDataFill",
        placeholder: () => el("p", {}, say("nothing")), printAsHtml: true, columnDefaults: { headerHozAlign: "left", vertAlign: "middle", resizable: "header" },
      });
      grid.on("renderComplete", firstCellInTabOrder);
      built = new Promise((resolve) => grid.on("tableBuilt", resolve));
      await built;
    } else {
      await built;
      if (columnsToo) grid.setColumns(gridColumns());
      await grid.replaceData(rows);
    }
    if (turn === turns) busy("grid", false);
  }

  // one cell at a time can be reached with the tabulator key; the arrow keys go on from there
  function firstCellInTabOrder() {
    const holder = byId("grid");
    // the grid draws its cells anew when its width changes, and the focus goes with the old ones
    if (returning && document.activeElement === document.body) gridCell(...returning)?.focus();
    markOpenCell();
    if (!holder.querySelector(".cell[tabindex='0']")) holder.querySelector(".cell")?.setAttribute("tabindex", "0");
  }

  function focusCell(button) {
    for (const other of document.querySelectorAll("#grid .cell[tabindex='0']")) other.tabIndex = -1;
    button.tabIndex = 0;
    button.focus();
    button.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  async function moveInGrid(event) {
    const button = event.target.closest?.(".cell");
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (!button || !steps[event.key]) return;
    event.preventDefault();
    const [down, right] = steps[event.key];
    const at = Number(button.dataset.region), column = Number(button.dataset.column);
    const fields = grid.getColumns().map((c) => c.getField()).filter((f) => /^c\d/.test(f));
    const filled = (row, name) => row.getData()[name];
    let row = grid.getRow(at), col = fields.indexOf(`c${column}`);
    do {
      if (down) row = down > 0 ? row.getNextRow() : row.getPrevRow();
      else col += right;
      if (!row || col < 0 || col >= fields.length) return;
    } while (!filled(row, fields[col]));
    await grid.scrollToRow(row, "nearest", false).catch(() => {}); // already in view
    const next = row.getCell(fields[col]).getElement().querySelector(".cell");
    if (next) focusCell(next);
  }

  // ---------------------------------------------------------------- downloads

  // a spreadsheet must not take a text for a formula
  const csvCell = (value) => {
    const text = value == null ? "" : typeof value === "number" ? String(value) : value.replace(/^([=+\-@\t\r])/, "'$1");
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };

  function download(name, lines) {
    const blob = new Blob(["\ufeff", ...lines.map((line) => `${line.map(csvCell).join(",")}\r\n`)], { type: "text/csv" });
    const link = el("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function shownRows() {
    return grid.getRows("active").map((row) => row.getData());
  }

  function downloadTable() {
    const columns = [...chosenColumns].sort((a, b) => a - b);
    const head = ["region", "region_name", "path", ...columns.map((at) => data.columns[at].name)];
    const labels = [say("code"), say("region"), say("path"), ...columns.map((at) => columnName(data.columns[at]))];
    const body = shownRows().map((row) => [
      region(row.id).code, row.name, row.path, ...columns.map((at) => (row[`c${at}`] ? facts.value[row[`c${at}`].lead] : null)),
    ]);
    download("metrics_by_region.csv", [head, labels, ...body]);
  }

  async function downloadFacts() {
    const names = ["value", "value_max", "bound", "unit", "since", "until", "n_reports", "n_conflicts", "n_contradictions", "confidence"];
    const shown = new Set(shownRows().map((row) => row.id));
    const { found, total } = await among({ ...conditions(byId("filters")), columns: [...chosenColumns].sort((a, b) => a - b) });
    const ids = await idsOf(found);
    const lines = [["region", "region_name", "campaign", "metric", "metric_label", "actor", "object", ...names, "figures"]];
    for (const fact of found.filter((it) => shown.has(facts.region[it]))) {
      const its = data.columns[facts.column[fact]], where = region(facts.region[fact]);
      lines.push([
        where.code, where.name, data.campaigns[facts.campaign[fact]] ?? "", its.metric, its.label,
        facts.words[facts.actor[fact]], facts.words[facts.object[fact]], ...names.map((name) => facts[name][fact]),
        [...new Set(facts.figures[fact].map(([at]) => ids.get(at)))].join(" "),
      ]);
    }
    download("facts.csv", lines);
    if (found.length < total) inform(say("download_cut", { n: number(found.length), all: number(total) }));
  }

  // the ids of the articles behind facts; answers of a server bring them along
  async function idsOf(found) {
    if (!data.served && found.length) (await load("titles")).forEach((its, at) => articleIds.set(at, its.article_id));
    return articleIds;
  }

  // ---------------------------------------------------------------- marks in a text

  // Spans [start, end, class, attributes] painted over text[from:to]; where spans overlap a piece has all their classes.
  function paint(text, from, to, spans) {
    const inside = spans.filter(([start, end]) => start < to && end > from);
    const cuts = [...new Set([from, to, ...inside.flatMap(([start, end]) => [start, end])])].filter((at) => at >= from && at <= to);
    cuts.sort((a, b) => a - b);
    const nodes = [];
    for (let i = 0; i < cuts.length; i++) {
      for (const [start, end, name, attributes] of inside) {
        if (start === end && start === cuts[i]) nodes.push(el("span", { class: name, ...attributes }));
      }
      if (i + 1 === cuts.length) break;
      const over = inside.filter(([start, end]) => start <= cuts[i] && end >= cuts[i + 1]);
      const piece = text.slice(cuts[i], cuts[i + 1]);
      if (!over.length) {
        nodes.push(piece);
        continue;
      }
      const figure = over.find(([, , name]) => name.startsWith("figure"));
      // only the first piece of a figure can be reached with the keyboard
      const first = figure && figure[0] === cuts[i];
      const attributes = Object.assign({}, ...over.map((span) => span[3]));
      if (figure && !first) for (const key of ["tabindex", "role", "aria-label", "id"]) delete attributes[key];
      nodes.push(el(figure ? "mark" : "span", { ...attributes, class: over.map((span) => span[2]).join(" ") }, piece));
    }
    return nodes;
  }

  const get = (figure, name) => figure[field[name]];

  const figureValue = (figure) =>
    quantity(get(figure, "value"), get(figure, "value_max"), get(figure, "bound")) + (get(figure, "unit") === "%" ? "%" : ` ${get(figure, "unit")}`);

  const metricName = (id) => {
    const column = data.columns.find((c) => c.metric === id && c.measure === "count") ?? data.columns.find((c) => c.metric === id);
    return column ? columnName(column).replace(/ ?\(.*\)$/, "") : id;
  };

  function figureSpan(figure, at, name, raw) {
    const label = [figureValue(figure), get(figure, "object"), metricName(get(figure, "metric")), get(figure, "region_name")];
    return [
      get(figure, raw ? "raw_start" : "start"), get(figure, raw ? "raw_end" : "end"), `figure role-${get(figure, "role")} ${name}`,
      { tabindex: 0, role: "button", "aria-label": label.filter(Boolean).join(" · "), title: label.filter(Boolean).join(" · "), "data-figure": at },
    ];
  }

  // where a word of the figure stands in its sentence: the nearest place before it, else behind it
  function nearest(text, word, from, to, at) {
    if (!word) return [];
    let start = text.slice(from, at).lastIndexOf(word);
    if (start < 0) {
      start = text.slice(at, to).indexOf(word);
      if (start < 0) return [];
      start += at - from;
    }
    return [[from + start, from + start + word.length]];
  }

  function regionPlaces(figure, text, from, to) {
    const its = data.regions.find((r) => r.code === get(figure, "region"));
    const names = [get(figure, "region_name"), ...(its ? its.path : [])].filter(Boolean);
    const found = wordPlaces([get(figure, "place"), ...names, ...(its ? its.words : [])].filter(Boolean), text, from, to);
    if (found.length) return found;
    // 全市 and 我县 stand for a division of that kind, 当地 for any
    const { here, own } = data.stand_ins;
    return wordPlaces([...here, ...names.flatMap((name) => own.map((word) => word + name.at(-1)))], text, from, to);
  }

  function wordPlaces(words, text, from, to) {
    const found = [];
    for (const word of words.sort((a, b) => b.length - a.length)) {
      for (let at = text.indexOf(word, from); at >= 0 && at + word.length <= to; at = text.indexOf(word, at + 1)) {
        if (!found.some(([start, end]) => at < end && at + word.length > start)) found.push([at, at + word.length]);
      }
    }
    return found;
  }

  function sentence(its, at) {
    const figure = its.figures[at];
    const from = get(figure, "sentence_start"), to = get(figure, "sentence_end"), start = get(figure, "start");
    const spans = its.figures
      .map((other, i) => [other, i])
      .filter(([other]) => get(other, "start") < to && get(other, "end") > from)
      .map(([other, i]) => figureSpan(other, i, i === at ? "this" : "", false));
    for (const [a, b] of regionPlaces(figure, its.text, from, to)) spans.push([a, b, "word region", { title: say("region") }]);
    for (const name of ["actor", "object", "action"]) {
      for (const [a, b] of nearest(its.text, get(figure, name), from, to, start)) spans.push([a, b, `word ${name}`, { title: say(name) }]);
    }
    return paint(its.text, from, to, spans);
  }

  // ---------------------------------------------------------------- a cell and its facts

  function tags(fact) {
    const its = [];
    const campaign = data.campaigns[facts.campaign[fact]];
    if (campaign) its.push(campaign);
    if (facts.until[fact]) its.push(facts.since[fact] ? `${facts.since[fact]} – ${facts.until[fact]}` : `${say("as_of")} ${facts.until[fact]}`);
    if (facts.flags[fact] & RUNNING) its.push(say("running"));
    if (facts.flags[fact] & PART) its.push(say("part"));
    its.push(say("of_reports", { n: facts.n_reports[fact] }), `${say("confidence")} ${facts.confidence[fact] / 100}`);
    return el("ul", { class: "tags" }, ...its.map((text) => el("li", {}, text)), ...marks(fact).map((m) => el("li", { class: "alarm" }, `${m[1]} ${m[2]}`)));
  }

  async function source([articleNumber, at]) {
    const its = await article(articleNumber);
    const link = el("a", { href: `#article/${articleNumber}/${at}` }, its.title || its.article_id);
    const about = [its.outlet, its.published].filter(Boolean).join(" · ");
    const basis = get(its.figures[at], "region_basis");
    return el(
      "blockquote", { "data-article": articleNumber }, ...sentence(its, at),
      el("footer", {}, link, about ? ` · ${about}` : "", basis ? ` · ${say("region_basis")}: ${sayCode("region_basis", basis)}` : ""),
    );
  }

  async function sources(fact) {
    const holder = el("div", {});
    const all = facts.figures[fact];
    let shown = 0;
    const more = el("button", { type: "button" });
    async function next() {
      const some = all.slice(shown, shown + SOURCES_AT_ONCE);
      shown += some.length;
      const found = await Promise.all(some.map(source));
      holder.append(...found);
      if (shown < all.length) {
        more.textContent = say("more", { n: Math.min(SOURCES_AT_ONCE, all.length - shown) });
        holder.append(more);
      } else more.remove();
    }
    more.addEventListener("click", () => next().catch(problem));
    await next();
    if (all.length < facts.n_reports[fact]) holder.append(el("p", { class: "hint" }, say("sources_cut", { all: facts.n_reports[fact], n: all.length })));
    return holder;
  }

  async function openCell(at, column, focus = true) {
    const panel = byId("detail");
    const wanted = { ...conditions(byId("filters")), region: at, columns: [column] };
    const its = region(at);
    const title = el("h2", { id: "detail-title" }, `${[...its.path, its.name].join(" › ")} · ${columnName(data.columns[column])}`);
    const close = el("button", { type: "button", class: "close", onclick: () => (location.hash = "#table") }, say("close"));
    const key = el(
      "p", { class: "key" }, el("span", { class: "figure this" }, say("figure")), el("span", { class: "figure" }, say("neighbour")),
      ...["region", "actor", "object", "action"].map((name) => el("span", { class: `word ${name}` }, say(name))),
    );
    const list = el("div", {});
    panel.replaceChildren(el("div", { class: "head" }, title, close), key, list);
    panel.hidden = false;
    grid.redraw();
    markOpenCell();
    gridCell(at, column)?.scrollIntoView({ block: "nearest", inline: "center" });
    if (focus) panel.focus({ preventScroll: innerWidth > 960 });
    let shown = 0;
    const more = el("button", { type: "button" });
    async function next() {
      const { found: some, total } = await among(wanted, shown, SOURCES_AT_ONCE);
      shown += some.length;
      for (const fact of some) {
        const what = [facts.words[facts.actor[fact]], facts.words[facts.object[fact]]].filter(Boolean).flatMap((word, at) => [at ? " · " : "  ", wordButton(word)]);
        const unit = percent(fact) ? "" : ` ${facts.unit[fact]}`;
        list.append(el("article", { class: "fact" }, el("h4", {}, `${shownValue(fact)}${unit}`, what.length ? el("small", {}, ...what) : ""), tags(fact), await sources(fact)));
      }
      if (shown < total) {
        more.textContent = say("more", { n: Math.min(SOURCES_AT_ONCE, total - shown) });
        list.append(more);
      } else more.remove();
    }
    more.addEventListener("click", () => next().catch(problem));
    await next();
  }

  const wordButton = (word) => el("button", { type: "button", class: "narrow", title: say("narrow_word", { name: word }), onclick: () => narrow("whose", word) }, word);

  // fills in a filter, as if it had been typed
  function narrow(name, value) {
    const field = byId("filters").elements[name];
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  const gridCell = (at, column) => document.querySelector(`#grid .cell[data-region="${at}"][data-column="${column}"]`);

  function markOpenCell() {
    for (const cell of document.querySelectorAll("#grid .cell[aria-expanded]")) cell.removeAttribute("aria-expanded");
    if (lastCell) gridCell(...lastCell)?.setAttribute("aria-expanded", "true");
  }

  function closeCell() {
    byId("detail").hidden = true;
    if (!lastCell) return;
    returning = lastCell;
    lastCell = null;
    markOpenCell();
    gridCell(...returning)?.focus();
  }

  // ---------------------------------------------------------------- an article

  function fields(its, figure) {
    const rows = data.figure.slice(6).map((name) => {
      let value = get(figure, name);
      if (name === "part_of" && value != null) value = figureValue(its.figures[value]);
      if (name === "metric" && value) value = metricName(value);
      if (typeof value === "string") value = sayCode(name, value);
      if (Array.isArray(value)) value = value.join(" ");
      return value == null || value === "" ? null : el("div", {}, el("dt", {}, fieldName(name)), el("dd", {}, String(value)));
    });
    return el("dl", { class: "fields" }, ...rows);
  }

  function sides(its) {
    const figures = (raw) => its.figures.map((figure, at) => figureSpan(figure, at, "", raw));
    const repair = ([rawStart, rawEnd, start, end, kind, guessed], raw) => {
      const gone = start === end && raw ? " gone" : "";
      return [raw ? rawStart : start, raw ? rawEnd : end, `repair${gone}${guessed ? " guessed" : ""}`, { title: kind }];
    };
    const side = (text, raw, lang) =>
      el("div", {}, its.raw == null ? null : el("h3", {}, say(raw ? "raw" : "repaired")),
        el("div", { class: "text", lang }, ...paint(text, 0, text.length, [...figures(raw), ...its.repairs.filter((r) => raw || r[2] < r[3]).map((r) => repair(r, raw))])));
    const both = [side(its.text, false, "zh-Hans")];
    if (its.raw != null) both.push(side(its.raw, true, its.script === "simplified" ? "zh-Hans" : "zh-Hant"));
    return el("div", { class: "sides" }, ...both);
  }

  async function openArticle(articleNumber, at) {
    const its = await article(articleNumber);
    const section = byId("article");
    const about = [
      ["article_id", its.article_id], ["outlet", its.outlet], ["author", its.author], ["published", its.published],
      ["region", data.regions.find((r) => r.code === its.region)?.name ?? its.region], ["campaigns", its.campaigns.join("、")],
      ["source_file", its.source_path + (its.source_row ? ` #${its.source_row}` : "")], ["encoding", `${its.encoding} · ${its.script}`],
      ["repairs", its.n_repairs || its.n_damaged ? `${its.n_repairs} · ${say("damaged")} ${its.n_damaged}` : null], ["reprint", its.duplicate_of],
    ];
    const meta = el("dl", { class: "fields" });
    for (const [key, value] of about) if (value) meta.append(el("dt", {}, key === "article_id" ? "ID" : say(key)), el("dd", {}, value));
    if (its.url) meta.append(el("dt", {}, "URL"), el("dd", {}, outside(its.url, its.url)));
    const card = el("aside", { class: "card", "aria-live": "polite", hidden: true });
    const key = el(
      "p", { class: "key" }, ...["result", "target", "actor", "context"].map((role) => el("span", { class: `figure role-${role}` }, sayCode("role", role))),
      its.repairs.length ? el("span", { class: "repair" }, `${number(its.n_repairs)} ${say("repairs")}`) : null,
    );
    section.replaceChildren(
      el("p", {}, el("button", { type: "button", onclick: () => history.back() }, `← ${say("back")}`)),
      el("h2", { tabindex: -1 }, its.title || its.article_id), meta, key, sides(its), card,
    );
    const choose = (figureNumber) => {
      for (const mark of section.querySelectorAll("mark[data-figure]")) mark.classList.toggle("this", Number(mark.dataset.figure) === figureNumber);
      const figure = its.figures[figureNumber];
      card.replaceChildren(el("div", { class: "head" }, el("h3", {}, figureValue(figure)), el("button", { type: "button", onclick: () => (card.hidden = true) }, say("close"))), fields(its, figure));
      card.hidden = false;
    };
    section.onclick = (event) => {
      const mark = event.target.closest("mark[data-figure]");
      if (mark) choose(Number(mark.dataset.figure));
    };
    if (at != null && its.figures[at]) {
      choose(at);
      section.querySelector(`mark[data-figure="${at}"]`)?.scrollIntoView({ block: "center" });
    } else section.querySelector("h2").focus();
  }

  // A page of the list of articles, in an order; empty cells stay below.
  async function titles({ page = 1, sort: [order] = [] }) {
    const search = byId("article-filters").elements.search.value.trim().toLowerCase();
    if (data.served) {
      const piece = await load("titles", asked({ search: null, page, sort: order?.field, direction: order?.dir }, { search }));
      return { data: piece.titles.map((its) => ({ ...its, at: its.number })), last_page: piece.pages };
    }
    const found = (await load("titles"))
      .map((its, at) => ({ ...its, at }))
      .filter((its) => !search || `${its.title} ${its.outlet ?? ""} ${its.article_id}`.toLowerCase().includes(search));
    if (order) {
      const sign = order.dir === "desc" ? -1 : 1, key = (its) => its[order.field];
      const filled = found.filter((its) => key(its) != null).sort((a, b) => sign * (typeof key(a) === "string" ? key(a).localeCompare(key(b), "zh") : key(a) - key(b)));
      found.splice(0, found.length, ...filled.concat(found.filter((its) => key(its) == null)));
    }
    return { data: found.slice((page - 1) * TITLES_AT_ONCE, page * TITLES_AT_ONCE), last_page: Math.ceil(found.length / TITLES_AT_ONCE) };
  }

  async function drawArticles() {
    busy("article-grid");
    if (articleGrid) return articleGrid.setData("titles");
    const column = (name, more, text = name) => ({ field: name, title: say(text), titleFormatter: heading(say(text)), ...more });
    articleGrid = new Tabulator("#article-grid", {
      ajaxURL: "titles", ajaxRequestFunc: (url, config, params) => titles(params), progressiveLoad: "scroll", paginationSize: TITLES_AT_ONCE, sortMode: "remote",
      index: "at", height: "75vh", rowHeight: 34, layout: "fitColumns", placeholder: () => el("p", {}, say("nothing")),
      columnDefaults: { vertAlign: "middle" },
      columns: [
        column("title", { widthGrow: 4, formatter: (cell) => el("a", { href: `#article/${cell.getData().at}` }, cell.getValue() || cell.getData().article_id) }, "title_field"),
        column("outlet", { widthGrow: 2 }), column("published", { width: 115 }),
        column("region", { width: 130, formatter: (cell) => document.createTextNode(data.regions.find((r) => r.code === cell.getValue())?.name ?? cell.getValue() ?? "") }),
        column("n_figures", { width: 100, hozAlign: "right", headerSortStartingDir: "desc" }, "figures"),
        column("n_repairs", { width: 110, hozAlign: "right", headerSortStartingDir: "desc" }, "repaired_places"),
        column("reprint", { width: 100, headerSortStartingDir: "desc", formatter: (cell) => document.createTextNode(cell.getValue() ? say("reprint") : "") }),
      ],
    });
    articleGrid.on("renderComplete", () => busy("article-grid", false));
    await new Promise((resolve) => articleGrid.on("dataProcessed", resolve));
  }

  // ---------------------------------------------------------------- checks, conflicts, rejects

  function plainTable(heads, lines) {
    const body = lines.map((line) => el("tr", {}, ...line.map((cell) => el("td", {}, ...(Array.isArray(cell) ? cell : [cell ?? ""])))));
    return el("div", { class: "scroll", tabindex: 0 }, el("table", { class: "plain" },
      el("thead", {}, el("tr", {}, ...heads.map((key) => el("th", { scope: "col" }, say(key))))), el("tbody", {}, ...body)));
  }

  const links = (figures) => figures.flatMap(([articleNumber, at], i) => [i ? " " : "", el("a", { href: `#article/${articleNumber}/${at}` }, `${i + 1}`)]);

  const cut = (list) => (list.length >= data.listed ? el("p", { class: "hint" }, say("cut_list", { n: list.length })) : "");

  async function drawChecks() {
    const [checks, conflicts] = await Promise.all([load("checks"), load("conflicts")]);
    byId("check-list").replaceChildren(cut(checks), plainTable(
      ["verdict", "kind", "region", "metric", "formula", "expected", "stated", "sentences"],
      checks.map((c) => [
        [el("span", { class: c.verdict === "contradicts" ? "contradicts" : "" }, sayCode("verdict", c.verdict))], sayCode("check", c.kind), data.regions.find((r) => r.code === c.region)?.name ?? c.region,
        metricName(c.metric), c.formula, c.expected == null ? "" : number(c.expected), c.stated == null ? "" : number(c.stated), links(c.figures),
      ]),
    ));
    byId("conflict-list").replaceChildren(cut(conflicts), plainTable(
      ["region", "metric", "campaign", "object", "value", "decided_by", "outlet", "published", "sentences"],
      conflicts.map((c) => [
        c.region_name ?? say("no_region"), metricName(c.metric), c.campaign, c.object,
        [el(c.shown ? "b" : "span", {}, `${c.shown ? "✓ " : ""}${quantity(c.value, null, c.bound)} ${c.unit}`)], sayCode("decided_by", c.decided_by), c.outlets.join("、"), c.last_published, links(c.figures),
      ]),
    ));
  }

  async function drawRejects() {
    const rejects = await load("rejects");
    byId("reject-list").replaceChildren(cut(rejects), plainTable(["file", "reason", "about"], rejects.map((r) => [r.file + (r.row == null ? "" : ` #${r.row}`), r.reason, r.detail])));
  }

  function drawAbout() {
    const { articles, facts: left } = data.left_out;
    byId("left-out").replaceChildren(
      articles ? el("p", {}, say("left_out_articles", { n: number(articles) })) : "", left ? el("p", {}, say("left_out_facts", { n: number(left) })) : "",
    );
    byId("about-list").replaceChildren(plainTable(["file", "value"], Object.entries({ ...data.run.counts, ...data.run.versions }).map(([key, value]) => [key, String(value)])));
  }

  // ---------------------------------------------------------------- charts

  const chartForm = () => byId("chart-filters");

  // the leading facts of a metric, by region
  const chartFacts = (table, column) =>
    [...table].filter(([at, row]) => at >= 0 && row.has(column)).map(([at, row]) => [at, row.get(column).lead]);

  const go = (at, column) => () => (location.hash = `#cell/${region(at).code}/${data.columns[column].name}`);

  function drawTiles(column, found) {
    const inside = byId("tile-measure").value === "inside";
    const values = new Map();
    for (const [at, fact] of found) {
      const its = data.regions[at];
      const code = `${its.code.slice(0, 2)}0000`;
      if (inside && its.level !== "province" && its.level !== "country") values.set(code, { value: (values.get(code)?.value ?? 0) + 1 });
      if (!inside && its.level === "province") values.set(code, { value: facts.value[fact], fact, at });
    }
    const scale = d3.scaleQuantile([...values.values()].map((v) => v.value), d3.range(Math.min(5, new Set([...values.values()].map((v) => v.value)).size)));
    byId("tiles").setAttribute("aria-label", `${say("tile_map")} · ${columnName(data.columns[column])}`);
    byId("tiles").replaceChildren(...data.tiles.map((tile) => {
      const its = values.get(tile.code);
      const text = its ? (its.fact == null ? number(its.value) : shownValue(its.fact)) : "–";
      const button = el("button", {
        type: "button", class: its ? `q${scale(its.value)}` : "empty", "aria-label": `${tile.label} ${its ? text : say("without_value")}`,
        "data-code": tile.code, onclick: its?.at == null ? null : go(its.at, column),
      }, el("span", {}, tile.label), el("span", {}, its ? rounded(its.value) : "–"));
      button.style.gridColumn = tile.column + 1;
      button.style.gridRow = tile.row + 1;
      button.title = `${tile.label} ${text}`;
      return button;
    }));
    const limits = values.size ? [d3.min(values.values(), (v) => v.value), ...scale.quantiles(), d3.max(values.values(), (v) => v.value)] : [];
    byId("tile-legend").replaceChildren(...scale.range().map((q) => el("span", { class: `q${q}` }, values.size ? `${rounded(limits[q])} – ${rounded(limits[q + 1])}` : "")));
  }

  function bar(width, text, second = false) {
    const stripe = el("i");
    stripe.style.width = `${Math.max(0, width) * 55}%`;
    return el("div", { class: second ? "track second" : "track" }, stripe, el("span", {}, text));
  }

  const regionButton = (at, column) => el("button", { type: "button", title: [...region(at).path, region(at).name].join(" › "), onclick: go(at, column) }, region(at).name);

  function drawRanking(column, all) {
    const level = conditions(chartForm()).level;
    const found = all.filter(([at]) => (LEVELS.includes(level) ? region(at).level === level : region(at).level !== "country"));
    found.sort((a, b) => facts.value[b[1]] - facts.value[a[1]]);
    const top = facts.value[found[0]?.[1]] || 1;
    byId("ranking").replaceChildren(...found.slice(0, RANKED).map(([at, fact]) => el("li", {}, regionButton(at, column), bar(facts.value[fact] / top, shownValue(fact)))));
    if (!found.length) byId("ranking").append(el("li", {}, say("nothing")));
  }

  // the points of the chosen facts by fact, where there is more than one point in time
  function inSeries(found) {
    const points = d3.group(found.filter((fact) => facts.until[fact]), (fact) => facts.series[fact]);
    return [...points.values()].filter((its) => its.length > 1).map((its) => its.sort((a, b) => d3.ascending(facts.until[a], facts.until[b]))).sort((a, b) => b.length - a.length);
  }

  function drawSeries(found) {
    const all = inSeries(found);
    const choice = byId("series-choice");
    const before = choice.value;
    choice.replaceChildren(...all.map((points, at) => {
      const fact = points[0];
      const text = [region(facts.region[fact]).name, facts.words[facts.object[fact]], data.campaigns[facts.campaign[fact]], `(${points.length})`];
      return el("option", { value: at }, text.filter(Boolean).join(" · "));
    }));
    if (all[before]) choice.value = before;
    const points = all[choice.value];
    if (!points) {
      byId("series").replaceChildren(el("p", {}, say("nothing")));
      return;
    }
    const width = 640, height = 280, margin = { top: 24, right: 24, bottom: 30, left: 64 };
    const x = d3.scaleTime(d3.extent(points, (fact) => new Date(facts.until[fact])), [margin.left, width - margin.right]);
    const y = d3.scaleLinear([0, d3.max(points, (fact) => facts.value[fact]) || 1], [height - margin.bottom, margin.top]).nice();
    const said = points.map((fact) => `${facts.until[fact]}: ${shownValue(fact)}`).join("; ");
    const svg = d3.create("svg").attr("viewBox", [0, 0, width, height]).attr("role", "img").attr("aria-label", said);
    svg.append("g").attr("transform", `translate(0,${height - margin.bottom})`).call(d3.axisBottom(x).ticks(6).tickFormat(d3.utcFormat("%Y-%m-%d"))).selectAll("text").style("font", "inherit");
    svg.append("g").attr("transform", `translate(${margin.left},0)`).call(d3.axisLeft(y).ticks(5).tickFormat(rounded)).selectAll("text").style("font", "inherit");
    svg.append("path").attr("class", "line").attr("d", d3.line((fact) => x(new Date(facts.until[fact])), (fact) => y(facts.value[fact]))(points));
    const dots = svg.selectAll("circle").data(points).join("g").attr("transform", (fact) => `translate(${x(new Date(facts.until[fact]))},${y(facts.value[fact])})`);
    dots.append("circle").attr("r", 4);
    dots.append("text").attr("y", -9).attr("text-anchor", "middle").attr("fill", "currentColor").text((fact) => rounded(facts.value[fact]));
    byId("series").replaceChildren(svg.node());
  }

  // problems or dangers, whichever the chosen metric is about
  const funnelOf = (column) => (data.columns[column].metric.startsWith("hazards") ? ["hazards_found", "hazards_rectified"] : ["issues_found", "issues_rectified"]);

  const countColumn = (metric) => data.columns.findIndex((its) => its.metric === metric && its.measure === "count");

  function drawFunnel(column, all) {
    const [first, second] = funnelOf(column);
    const { level } = conditions(chartForm());
    const step = (metric) => {
      const found = new Map();
      for (const fact of all) {
        if (facts.column[fact] !== countColumn(metric) || facts.region[fact] < 0) continue;
        // without a campaign nothing says that two numbers are of the same thing
        if (facts.campaign[fact] < 0 || (LEVELS.includes(level) && region(facts.region[fact]).level !== level)) continue;
        const key = [facts.region[fact], facts.campaign[fact], facts.unit[fact]].join();
        if (!found.has(key)) found.set(key, []);
        found.get(key).push(fact);
      }
      return found;
    };
    const before = step(first);
    // what is a part of another number goes with that number only: of 244 found, 186 rectified
    const wholeOf = (part, wholes) => {
      if (!facts.wholes[part].length) return wholes[0];
      const above = new Set(facts.wholes[part].map(String));
      return wholes.find((fact) => facts.figures[fact].some((at) => above.has(String(at))));
    };
    const pairOf = ([key, parts]) => parts.map((part) => [wholeOf(part, before.get(key) ?? []), part]).find(([whole, part]) => whole !== undefined && facts.value[part] <= facts.value[whole]);
    const pairs = [...step(second)].map(pairOf).filter(Boolean);
    pairs.sort((a, b) => facts.value[b[0]] - facts.value[a[0]]);
    byId("funnel").replaceChildren(...pairs.slice(0, RANKED).map(([a, b]) => {
      const part = facts.value[b] / (facts.value[a] || 1);
      const share = facts.value[a] ? ` (${number(Math.round(1000 * part) / 10)}%)` : "";
      return el("li", {}, regionButton(facts.region[a], facts.column[a]), el("div", {},
        bar(1, `${metricName(first)} ${shownValue(a)}`), bar(part, `${metricName(second)} ${shownValue(b)}${share}`, true)));
    }));
    if (!pairs.length) byId("funnel").append(el("li", {}, say("nothing")));
  }

  async function drawCharts() {
    const column = Number(chartForm().elements.column.value);
    if (!data.columns[column]) return;
    busy("charts");
    const { campaign } = conditions(chartForm());
    const steps = funnelOf(column).map(countColumn).filter((at) => at >= 0);
    const turn = ++turns;
    const [table, points, pairs] = await Promise.all([
      cells({ campaign, columns: [column] }),
      among({ campaign, columns: [column], series: true }),
      steps.length ? among({ campaign, columns: steps, current: true }) : { found: [] },
    ]);
    if (turn !== turns) return; // meanwhile something else was asked for
    const leads = chartFacts(table, column);
    drawTiles(column, leads);
    drawRanking(column, leads);
    drawSeries(points.found);
    drawFunnel(column, pairs.found);
    busy("charts", false);
  }

  // ---------------------------------------------------------------- the page as a whole

  function drawSummary() {
    const { counts, rejects } = data.run;
    const shown = [
      ["articles_count", counts.articles], ["figures_count", counts.figures], ["facts_of", counts.facts], ["regions_count", data.regions.length],
      ["campaigns_count", data.campaigns.length], ["repaired_articles", data.repaired], ["checks_failed", counts.contradictions], ["rejects_count", d3.sum(Object.values(rejects))],
    ];
    byId("summary").replaceChildren(...shown.map(([key, value]) => el("div", {}, el("dt", {}, say(key)), el("dd", {}, number(value ?? 0)))));
  }

  function fillChoices() {
    for (const select of document.querySelectorAll("select[name=campaign]")) {
      const before = select.value;
      select.replaceChildren(
        el("option", { value: "" }, say("all_campaigns")),
        ...data.campaigns.map((name, at) => [name, at, data.campaign_facts[at]]).sort((a, b) => b[2] - a[2]).map(([name, at, count]) => el("option", { value: at }, `${name} (${number(count)})`)),
      );
      select.value = before;
    }
    const column = chartForm().elements.column;
    const before = column.value || [...chosenColumns][0];
    column.replaceChildren(...data.columns.map((its, at) => el("option", { value: at }, columnName(its))));
    if (before != null) column.value = before;
    byId("groups").replaceChildren(...data.groups.map((word) => el("option", { value: word })));
    byId("columns").replaceChildren(...data.columns.map((its, at) => {
      const box = el("input", { type: "checkbox", value: at });
      box.checked = chosenColumns.has(at);
      return el("label", {}, box, ` ${columnName(its)}`);
    }));
  }

  function chooseColumns(wanted) {
    chosenColumns = wanted;
    for (const box of byId("columns").querySelectorAll("input")) box.checked = wanted.has(Number(box.value));
    drawTable(true).catch(problem);
  }

  const views = { table: drawTable, charts: drawCharts, articles: drawArticles, checks: drawChecks, rejects: drawRejects, about: drawAbout };

  async function show() {
    const [name, ...rest] = location.hash.slice(1).split("/").map(decodeURIComponent);
    const view = name === "cell" ? "table" : name === "article" ? "article" : views[name] ? name : "table";
    for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== view;
    for (const link of document.querySelectorAll("nav a")) {
      if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    inform(say("loading"));
    if (view === "table" && !grid) await drawTable();
    else if (view === "table") grid.redraw();
    if (name === "cell") {
      const at = rest[0] ? data.regions.findIndex((r) => r.code === rest[0]) : -1;
      const column = data.columns.findIndex((c) => c.name === rest[1]);
      lastCell = [at, column];
      if (column >= 0) await openCell(at, column);
    } else if (view === "article") await openArticle(Number(rest[0]), rest[1] == null ? null : Number(rest[1]));
    else if (view === "table") closeCell();
    else await views[view]();
    inform();
  }

  function problem(error) {
    console.error(error);
    inform(error.message, true);
  }

  const showSafely = () => show().catch(problem);

  function switchLanguage() {
    language = language === "zh" ? "en" : "zh";
    keep("language", language);
    translate();
    drawSummary();
    fillChoices();
    if (grid) drawTable(true).catch(problem);
    articleGrid?.destroy();
    articleGrid = undefined;
    showSafely();
  }

  // what a reader chose stays, where the browser allows that to a page from disk
  function keep(name, value) {
    try {
      localStorage.setItem(`zhanbao.${name}`, value);
    } catch (error) {
      console.info("not kept", name, error.message);
    }
  }

  function kept(name) {
    try {
      return localStorage.getItem(`zhanbao.${name}`);
    } catch (error) {
      console.info("not kept", name, error.message);
      return null;
    }
  }

  function switchTheme() {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    keep("theme", root.dataset.theme);
  }

  const delayed = (action) => {
    let timer;
    return () => {
      clearTimeout(timer);
      timer = setTimeout(action, 150);
    };
  };

  function listen() {
    const refilter = delayed(() => {
      drawTable().catch(problem);
      if (lastCell) openCell(...lastCell, false).catch(problem);
    });
    for (const event of ["input", "reset"]) {
      byId("filters").addEventListener(event, () => busy("grid"));
      byId("filters").addEventListener(event, refilter);
    }
    byId("article-filters").addEventListener("input", () => busy("article-grid"));
    const redraw = () => drawCharts().catch(problem);
    for (const id of ["chart-filters", "tile-measure", "series-choice"]) byId(id).addEventListener("input", redraw);
    byId("article-filters").addEventListener("input", delayed(() => drawArticles().catch(problem)));
    for (const form of document.querySelectorAll("form")) form.addEventListener("submit", (event) => event.preventDefault());
    byId("columns").addEventListener("change", () =>
      chooseColumns(new Set([...byId("columns").querySelectorAll("input:checked")].map((box) => Number(box.value)))));
    byId("best").addEventListener("click", () => chooseColumns(commonColumns()));
    byId("every").addEventListener("click", () => chooseColumns(new Set(data.columns.keys())));
    byId("grid").addEventListener("click", (event) => {
      const name = event.target.closest("button.narrow")?.dataset.name;
      if (name) narrow("search", name);
      const button = event.target.closest(".cell");
      if (button) go(Number(button.dataset.region), Number(button.dataset.column))();
    });
    byId("grid").addEventListener("keydown", (event) => moveInGrid(event).catch(problem));
    byId("download-table").addEventListener("click", downloadTable);
    byId("download-facts").addEventListener("click", () => downloadFacts().catch(problem));
    byId("language").addEventListener("click", switchLanguage);
    byId("theme").addEventListener("click", switchTheme);
    byId("print").addEventListener("click", () => print());
    for (const name of ["keydown", "pointerdown"]) document.addEventListener(name, () => (returning = null), true);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !byId("detail").hidden) location.hash = "#table";
      const mark = event.target.closest?.("mark[data-figure]");
      if (mark && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        mark.click();
      }
    });
    byId("detail").addEventListener("click", (event) => {
      const mark = event.target.closest("mark[data-figure]");
      const quote = mark?.closest("blockquote");
      if (quote) location.hash = `#article/${quote.dataset.article}/${mark.dataset.figure}`;
    });
    addEventListener("hashchange", showSafely);
  }

  async function start() {
    data = await load("index");
    facts = data.facts ?? { ...Object.fromEntries(data.fact.map((name) => [name, []])), words: [] };
    everyFact = data.facts ? d3.range(facts.region.length) : [];
    field = Object.fromEntries(data.figure.map((name, at) => [name, at]));
    language = kept("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
    if (kept("theme")) document.documentElement.dataset.theme = kept("theme");
    translate();
    chosenColumns = commonColumns();
    drawSummary();
    fillChoices();
    listen();
    await show();
    document.documentElement.dataset.ready = "true";
  }

  // the index is a script beside this one; both have been run by now
  document.addEventListener("DOMContentLoaded", () => start().catch(problem));
  return { take };
})();
