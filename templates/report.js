// The report's controls. Everything is readable without them: they show, hide, sort and recompute what is
// already in the file, and call nobody.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("extract").textContent);
  const all = data.findings;
  const say = (text) => { $("said").textContent = text; };
  const make = (tag, text, look) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    if (look) node.className = look;
    return node;
  };

  // Theme: as the system, light, dark.
  const themes = [["", "as the system"], ["light", "light"], ["dark", "dark"]];
  let theme = 0;
  $("theme").addEventListener("click", () => {
    theme = (theme + 1) % themes.length;
    document.documentElement.dataset.theme = themes[theme][0];
    $("theme").textContent = "Theme: " + themes[theme][1];
  });
  $("tools").hidden = false;

  // Sorting: a header is a button; numbers sort as numbers, and what is none comes last.
  const number = (cell) => {
    const text = (cell.firstChild ? cell.firstChild.textContent : "").replace(/,/g, "").replace("−", "-").replace("< ", "");
    return /^[-+]?[\d.]+/.test(text) ? parseFloat(text) : NaN;
  };
  const compare = (a, b, column, down) => {
    const [x, y] = [number(a.cells[column]), number(b.cells[column])];
    if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
    const order = isNaN(x) ? a.cells[column].textContent.localeCompare(b.cells[column].textContent) : x - y;
    return down ? -order : order;
  };
  const sort = (table, header, column) => {
    const down = header.getAttribute("aria-sort") === "ascending";
    for (const other of header.parentNode.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    body.append(...[...body.rows].sort((a, b) => compare(a, b, column, down)));
  };
  const headers = [];
  const wrap = ([header, button]) => {
    button.append(...header.childNodes);
    header.append(button);
  };
  const unwrap = ([header, button]) => {
    header.append(...button.childNodes);
    button.remove();
  };
  for (const table of document.querySelectorAll("table")) {
    const head = table.tHead && table.tHead.rows[0];
    const body = table.tBodies[0];
    if (!head || table.tBodies.length !== 1 || body.rows.length < 3 || table.matches(".heat, .small-table")) continue;
    [...head.cells].forEach((header, column) => {
      const button = make("button", undefined, "sort");
      button.type = "button";
      headers.push([header, button]);
      button.addEventListener("click", () => sort(table, header, column));
    });
  }

  headers.forEach(wrap);

  // Findings: filters, and verdicts from half and from twice the smallest gap.
  const table = $("findings");
  const filters = { attribute: $("by-attribute"), metric: $("by-metric"), verdict: $("by-verdict") };
  const limit = 500;
  let tau = "verdict";
  let extra = [];

  const word = (column, at) => {
    const place = column[at] < 0 ? all.verdict[at] : column[at];
    return data.verdicts[place];
  };
  const printed = new Map();
  for (const row of document.querySelectorAll("tr[data-at]")) {
    const at = row.dataset.at - 1;
    printed.set(at, [...(printed.get(at) || []), row]);
  }

  const absent = { h: data.hidden, u: "not defined", "": "–" };
  const numbers = (text, between) => {
    if (text in absent) return make("td", absent[text], text && "w");
    const [first, ...rest] = text.replace(/-/g, "−").split(" ");
    const cell = make("td", first);
    cell.append(make("small", rest.join(between)));
    return cell;
  };
  const build = (at) => {
    const row = make("tr");
    row.id = "f-" + all.id[at];
    const place = make("td");
    const link = make("a", String(at + 1));
    link.href = "#" + row.id;
    place.append(link);
    const group = make("th", data.slices[all.slice[at]]);
    group.scope = "row";
    const reference = data.references[all.reference[at]];
    group.append(make("small", data.metrics[all.metric[at]][1] + (reference && ", compared with " + reference)));
    const verdict = make("td", undefined, "l");
    verdict.append(make("b", "", "tag verdict"));
    const standing = data.standings[all.standing[at]];
    if (standing) verdict.append(make("small", standing));
    const gaps = ["base", "tuned", "change", "labels"].map((name) => numbers(all[name][at], " to "));
    row.append(place, group, verdict, numbers(data.people[all.n[at]], " to "), ...gaps);
    tell(row, at);
    copies(row);
    return row;
  };
  const tell = (row, at) => {
    const node = row.querySelector(".verdict");
    if (!node) return;
    const [text, tone] = word(all[tau], at);
    // "inherited, as above" of a cross stands for the audited verdict alone.
    const above = node.tagName === "SPAN" && tau === "verdict";
    if (node.tagName === "SPAN") node.dataset.as = node.dataset.as || node.textContent;
    node.textContent = above ? node.dataset.as : text;
    node.className = above ? "verdict quiet" : (node.tagName === "B" ? "tag " : "") + "verdict " + tone;
  };

  // A finding as a line of Markdown.
  const markdown = (row) => {
    const clean = (text) => text.trim().replace(/\s+/g, " ").replace(/[\\|`*_<>[\]]/g, "\\$&");
    const own = (cell) => clean(cell.firstChild.textContent || "");
    const small = (cell) => [...cell.querySelectorAll("small")].map((node) => clean(node.textContent)).join("; ");
    const [, group, verdict, n, base, tuned, change] = row.cells;
    const number = (name, cell) => name + " " + own(cell) + (small(cell) ? " (" + small(cell) + ")" : "");
    const word = clean(row.querySelector(".verdict").textContent);
    const gaps = [number("tuned gap", tuned), number("base gap", base), number("change", change)].join(", ");
    return "- **" + word + "**" + (small(verdict) ? " (" + small(verdict) + ")" : "") + ": " + own(group) + ", " + small(group) +
      ". " + gaps + "; n " + own(n) + ". " + clean(data.name) + ", " + row.id;
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const box = make("textarea", text);
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    say("Copied as Markdown.");
  };
  const copies = (row) => {
    const button = make("button", "copy", "copy");
    button.type = "button";
    button.setAttribute("aria-label", "Copy finding " + row.cells[0].textContent + " as Markdown");
    button.addEventListener("click", () => copy(markdown(row)));
    row.cells[0].append(button);
  };

  const matches = (at) =>
    (!filters.attribute.value || all.attribute[at] === +filters.attribute.value) &&
    (!filters.metric.value || all.metric[at] === +filters.metric.value) &&
    (!filters.verdict.value || word(all[tau], at)[0] === data.verdicts[filters.verdict.value][0]);
  const apply = () => {
    const filtered = Object.values(filters).some((select) => select.value);
    extra.forEach((row) => row.remove());
    extra = [];
    let count = 0;
    all.id.forEach((_, at) => {
      const fits = matches(at);
      count += fits;
      for (const row of printed.get(at) || []) row.classList.toggle("off", !fits);
      if (fits && filtered && !printed.has(at) && extra.length < limit) extra.push(build(at));
    });
    table.tBodies[0].append(...extra);
    const listed = filtered ? Math.min(count, extra.length + [...printed.keys()].filter(matches).length) : printed.size;
    $("count").textContent = "Showing " + listed + " of " + (filtered ? count + " that fit; " + all.id.length : all.id.length) + " findings." +
      (tau === "verdict" ? "" : " Verdicts from another smallest gap stand without the correction for the number of comparisons.");
  };
  const count = () => {
    for (const row of $("verdicts").tBodies[0].rows) {
      const text = row.cells[0].textContent.trim();
      row.cells[1].dataset.as = row.cells[1].dataset.as || row.cells[1].textContent;
      row.cells[2].dataset.as = row.cells[2].dataset.as || row.cells[2].textContent;
      const other = all.id.filter((_, at) => word(all[tau], at)[0] === text || (text === "too small" && word(all[tau], at)[0] === "not judged")).length;
      row.cells[1].textContent = tau === "verdict" ? row.cells[1].dataset.as : other;
      row.cells[2].textContent = tau === "verdict" ? row.cells[2].dataset.as : "–";
    }
  };
  const choose = (name) => {
    tau = name;
    for (const [at, rows] of printed) rows.forEach((row) => tell(row, at));
    count();
    apply();
  };
  if (table) {
    const options = (select, texts) => texts.forEach((text, at) => {
      const option = make("option", text);
      option.value = at;
      select.append(option);
    });
    options(filters.attribute, data.attributes);
    options(filters.metric, data.metrics.map((metric) => metric[0]));
    options(filters.verdict, data.verdicts.map((verdict) => verdict[0]));
    Object.values(filters).forEach((select) => select.addEventListener("change", apply));
    const radios = document.getElementsByName("tau");
    radios.forEach((radio) => radio.addEventListener("change", () => choose(radio.value)));
    if (all.half.every((at) => at < 0)) radios.forEach((radio) => { radio.closest("fieldset").hidden = true; });
    for (const row of table.tBodies[0].rows) copies(row);
    $("filters").addEventListener("submit", (event) => event.preventDefault());
    $("filters").hidden = false;
    if ($("more-findings")) $("more-findings").append(" A filter shows them here too.");
    apply();
  }

  // A link to a finding that no table has room for.
  const follow = () => {
    const at = all.id.indexOf(location.hash.slice(3));
    if (at < 0 || printed.has(at) || $("f-" + all.id[at])) return;
    const row = build(at);
    extra.push(row);
    table.tBodies[0].append(row);
    row.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  follow();

  // The slider: rates from counts.
  const slider = $("threshold");
  // As the tables round: to the nearest tenth, a tie to the even one.
  const tenth = (x) => (x % 1 === 0.25 ? x - 0.05 : x).toFixed(1);
  const rate = (part, of) => (of > 0 ? tenth((100 * part) / of) : "–");
  const rates = (counts, at) => {
    if (!counts) return ["–", "–", "–"];
    const [rows, hits, alarms, other] = counts;
    const selected = hits[at] + alarms[at] + (other.length ? other[at] : 0);
    return [rate(selected, rows[0] + rows[1] + rows[2]), rate(hits[at], rows[0]), rate(alarms[at], rows[1])];
  };
  const move = () => {
    const at = +slider.value;
    const threshold = data.sweep.thresholds[at];
    slider.setAttribute("aria-valuetext", threshold);
    $("threshold-is").textContent = $("threshold-at").textContent = threshold;
    for (const row of slider.rows) {
      const [base, tuned] = data.sweep.groups[row.dataset.group].map((counts) => rates(counts, at));
      base.forEach((text, place) => {
        row.cells[2 + 2 * place].textContent = text;
        row.cells[3 + 2 * place].textContent = tuned[place];
      });
    }
  };
  if (slider && data.sweep) {
    slider.rows = [...$("at-threshold").tBodies[0].rows];
    slider.rows.forEach((row, at) => { row.dataset.group = at; });
    slider.addEventListener("input", move);
    $("slider").addEventListener("submit", (event) => event.preventDefault());
    $("slider").hidden = false;
  }

  // What is printed is the audit as it stands, whatever was chosen on the screen. A head that holds a button
  // is not repeated on the next page.
  addEventListener("afterprint", () => headers.forEach(wrap));
  addEventListener("beforeprint", () => {
    headers.forEach(unwrap);
    if (table) {
      Object.values(filters).forEach((select) => { select.value = ""; });
      document.querySelector("input[name=tau][value=verdict]").checked = true;
      choose("verdict");
    }
    if (slider && data.sweep) {
      slider.value = slider.defaultValue;
      move();
    }
  });
})();
