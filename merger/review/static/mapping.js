// Pictures of where units went, drawn from the data beside them. The tables say the same without scripts.
(() => {
  "use strict";
  const LINE = 24;
  const drawn = [];

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // The longest list of units that stand above one another, by how far from the left they are.
  const tallest = (data) => {
    const depth = new Map(data.nodes.map((node) => [node.id, 0]));
    for (let round = 0; round < data.nodes.length; round += 1) {
      let moved = false;
      for (const link of data.links) {
        if (depth.get(link.to) < depth.get(link.from) + 1) {
          depth.set(link.to, depth.get(link.from) + 1);
          moved = true;
        }
      }
      if (!moved) break;
    }
    const counts = new Map();
    for (const at of depth.values()) counts.set(at, (counts.get(at) || 0) + 1);
    return { most: Math.max(1, ...counts.values()), columns: Math.max(1, ...counts.keys()) + 1 };
  };

  const options = (data, narrow) => {
    const colours = {
      self: token("--accent"), earlier: token("--quiet"), later: token("--good"), "": token("--edge"),
    };
    const starts = new Set(data.links.map((link) => link.from));
    const labels = new Map(data.nodes.map((node) => [node.id, node.label]));
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    return {
      animation: !still && data.nodes.length < 60,
      tooltip: {
        renderMode: "richText",
        confine: true,
        backgroundColor: token("--paper"),
        borderColor: token("--line"),
        textStyle: { color: token("--ink") },
        formatter: ({ dataType, data: one }) => (dataType === "edge"
          ? `${labels.get(one.source)} → ${labels.get(one.target)}` : one.label0),
      },
      series: [{
        type: "sankey",
        left: 4,
        right: narrow ? 4 : 180,
        top: 8,
        bottom: 8,
        nodeGap: 8,
        nodeWidth: 12,
        draggable: false,
        emphasis: { focus: "adjacency" },
        label: { color: token("--ink"), fontSize: narrow ? 11 : 13, width: narrow ? 130 : 172, overflow: "truncate",
          formatter: ({ data: one }) => one.label0 },
        lineStyle: { color: "source", opacity: 0.35, curveness: 0.5 },
        data: data.nodes.map((node) => ({
          name: node.id,
          label0: node.label,
          ...(narrow && !starts.has(node.id) ? { label: { position: "left" } } : {}),
          url: node.url,
          ...(node.column === null ? {} : { depth: node.column }),
          itemStyle: { color: colours[node.tone] || colours[""], borderWidth: 0 },
        })),
        links: data.links.map((link) => ({
          source: link.from,
          target: link.to,
          value: link.value,
          lineStyle: link.tone === "part" ? { color: token("--warn"), opacity: 0.5 } : {},
        })),
      }],
    };
  };

  const draw = (figure) => {
    const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    figure.hidden = false;
    const canvas = figure.querySelector(".canvas");
    canvas.style.height = `${Math.max(160, tallest(data).most * LINE + 40)}px`;
    const chart = window.echarts.init(canvas, null, { renderer: "canvas" });
    const show = () => chart.setOption(options(data, canvas.clientWidth < 560), true);
    show();
    chart.on("click", ({ data: one }) => {
      if (one && typeof one.url === "string" && /^\/(?![/\\])/.test(one.url)) window.location.assign(one.url);
    });
    drawn.push({ chart, show });
  };

  if (!window.echarts) return;
  for (const figure of document.querySelectorAll("figure[data-sankey]")) draw(figure);
  let waiting = 0;
  window.addEventListener("resize", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      for (const { chart, show } of drawn) { chart.resize(); show(); }
    }, 150);
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const { show } of drawn) show();
  });
})();
