// The live map. `L` is Leaflet, set by the line above this file when the component is put together.
// The server hands over one data object; panning and zooming stay here, a click on a thing goes back as `pick`.

const FIT = { padding: [28, 28], animate: false, maxZoom: 17 };
const maps = new WeakMap();

L.Canvas.include({
  _updateMark(layer) {
    if (!this._drawing || layer._empty()) return;
    const { x, y } = layer._point;
    const r = layer._radius;
    const ctx = this._ctx;
    ctx.beginPath();
    if (layer.options.outline.length === 0) ctx.arc(x, y, r * 0.85, 0, Math.PI * 2);
    layer.options.outline.forEach(([u, v], i) => (i ? ctx.lineTo(x + u * r, y + v * r) : ctx.moveTo(x + u * r, y + v * r)));
    ctx.closePath();
    this._fillStroke(ctx, layer);
  },
});

const Mark = L.CircleMarker.extend({
  _updatePath() {
    this._renderer._updateMark(this);
  },
});

function escaped(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
}

function build(root) {
  const box = root.querySelector(".yx-map");
  // Leaflet focuses the map at every press; without this the page scrolls under the pointer and the click misses
  box.focus = () => HTMLElement.prototype.focus.call(box, { preventScroll: true });
  const map = L.map(box, {
    preferCanvas: true, zoomControl: false, attributionControl: false, maxZoom: 22, minZoom: 2,
    zoomSnap: 0.5, fadeAnimation: false,
    trackResize: false, // the observer below does it; Leaflet's own timer outlives a map that was removed
  });
  map.setView([30, 118], 4);
  map.createPane("rasters").style.zIndex = 270; // above the ground of the basemap, below marks and outlines
  map.getPane("rasters").style.pointerEvents = "none";
  map.createPane("base").style.zIndex = 250;
  map.getPane("base").style.pointerEvents = "none";
  map.createPane("names").style.zIndex = 350;
  map.getPane("names").style.pointerEvents = "none";
  L.control.zoom({ position: "topright" }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 120 }).addTo(map);
  const state = {
    map, box,
    baseCanvas: L.canvas({ pane: "base", padding: 0.3 }),
    canvas: L.canvas({ padding: 0.3, tolerance: 4 }),
    base: L.layerGroup().addTo(map), graticule: L.layerGroup().addTo(map), names: L.layerGroup().addTo(map),
    areas: L.layerGroup().addTo(map), things: L.layerGroup().addTo(map), chosen: L.layerGroup().addTo(map),
    rasters: new Map(), chooser: null,
    keys: {}, labels: [], pick: () => {},
  };
  state.redraw = () => { drawGraticule(state); drawNames(state); };
  map.on("moveend zoomend resize", state.redraw);
  state.watcher = new ResizeObserver(() => map.invalidateSize({ animate: false }));
  state.watcher.observe(box);
  return state;
}

function once(state, name, key, draw) {
  if (state.keys[name] === key) return false;
  state.keys[name] = key;
  draw();
  return true;
}

// ---- graticule: readable coordinates anywhere, with no basemap at all
function stepFor(span) {
  const steps = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 45];
  return steps.find((step) => span / step <= 6) || 90;
}

function drawGraticule(state) {
  const { map, graticule } = state;
  graticule.clearLayers();
  const b = map.getBounds();
  const step = stepFor(b.getEast() - b.getWest());
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const style = { renderer: state.baseCanvas, pane: "base", color: "#7A8793", weight: 0.6, opacity: 0.55, interactive: false };
  const text = (at, words, css) => L.marker(at, {
    interactive: false, pane: "names", keyboard: false,
    icon: L.divIcon({ className: `yx-degree ${css}`, html: words, iconSize: null }),
  }).addTo(graticule);
  const corner = map.containerPointToLatLng([4, map.getSize().y - 4]);
  const top = map.containerPointToLatLng([4, 4]);
  for (let lon = Math.ceil(b.getWest() / step) * step; lon <= b.getEast(); lon += step) {
    L.polyline([[b.getSouth(), lon], [b.getNorth(), lon]], style).addTo(graticule);
    text([top.lat, lon], `${Math.abs(lon).toFixed(digits)}°${lon < 0 ? "W" : "E"}`, "yx-degree-lon");
  }
  for (let lat = Math.ceil(b.getSouth() / step) * step; lat <= b.getNorth(); lat += step) {
    L.polyline([[lat, b.getWest()], [lat, b.getEast()]], style).addTo(graticule);
    text([lat, corner.lng], `${Math.abs(lat).toFixed(digits)}°${lat < 0 ? "S" : "N"}`, "yx-degree-lat");
  }
}

// ---- basemap: our own vector layers
function drawBase(state, layers) {
  state.base.clearLayers();
  state.labels = [];
  for (const layer of layers) {
    const style = {
      renderer: state.baseCanvas, pane: "base", interactive: false, color: layer.style.stroke,
      weight: layer.style.width_px, dashArray: layer.style.dashes, fill: Boolean(layer.style.fill),
      fillColor: layer.style.fill || undefined, fillOpacity: 1, opacity: 1,
    };
    if (layer.kind === "road") {
      L.geoJSON(layer.geojson, { style: { ...style, color: "#C9C3B8", weight: layer.style.width_px + 1.4 }, interactive: false, filter: isShape }).addTo(state.base);
    }
    L.geoJSON(layer.geojson, {
      style, filter: isShape, interactive: false,
      onEachFeature: (feature, shape) => {
        const name = feature.properties && feature.properties.name;
        if (name) state.labels.push({ name, kind: layer.kind, bounds: shape.getBounds(), at: middleOf(shape) });
      },
    }).addTo(state.base);
  }
}

function isShape(feature) {
  return Boolean(feature.geometry) && !/Point$/.test(feature.geometry.type);
}

function middleOf(shape) {
  let line = shape.getLatLngs();
  while (Array.isArray(line[0])) line = line[0];
  return shape instanceof L.Polygon ? shape.getBounds().getCenter() : line[Math.floor(line.length / 2)];
}

function drawNames(state) {
  state.names.clearLayers();
  const taken = [];
  for (const label of state.labels) {
    const a = state.map.latLngToContainerPoint(label.bounds.getNorthWest());
    const b = state.map.latLngToContainerPoint(label.bounds.getSouthEast());
    if (label.bounds.contains(state.map.getBounds())) continue;
    const width = (/^(district|boundary)$/.test(label.kind) ? 16 : 12) * label.name.length;
    if (Math.max(b.x - a.x, b.y - a.y) < width * 1.2) continue;
    const at = state.map.latLngToContainerPoint(label.at);
    if (taken.some((other) => Math.abs(other.x - at.x) < (width + other.width) / 2 && Math.abs(other.y - at.y) < 16)) continue;
    taken.push({ x: at.x, y: at.y, width });
    L.marker(label.at, {
      interactive: false, keyboard: false, pane: "names",
      icon: L.divIcon({ className: `yx-name yx-name-${label.kind}`, html: `<span>${escaped(label.name)}</span>`, iconSize: [0, 0] }),
    }).addTo(state.names);
  }
}

// ---- rasters: tiles that our own server cuts; each can be switched off
function drawRasters(state, tiles) {
  if (state.chooser) state.map.removeControl(state.chooser);
  state.chooser = null;
  const hidden = new Set([...state.rasters].filter(([, layer]) => !state.map.hasLayer(layer)).map(([id]) => id));
  const known = new Set(state.rasters.keys());
  state.rasters.forEach((layer) => layer.remove());
  state.rasters = new Map();
  if (tiles.length === 0) return;
  const named = {};
  for (const tile of tiles) {
    const [west, south, east, north] = tile.bounds;
    const layer = L.tileLayer(`${window.location.origin}/tiles/${tile.id}/{z}/{x}/{y}.png`, {
      pane: "rasters", minZoom: 2, maxZoom: 22, maxNativeZoom: 22, bounds: [[south, west], [north, east]], keepBuffer: 1,
    });
    state.rasters.set(tile.id, layer);
    named[escaped(tile.title)] = layer;
    if (known.has(tile.id) ? !hidden.has(tile.id) : tile.shown) layer.addTo(state.map);
  }
  state.chooser = L.control.layers(null, named, { position: "bottomright", collapsed: false }).addTo(state.map);
}

// ---- what the page is about
function drawAreas(state, areas) {
  state.areas.clearLayers();
  for (const area of areas) {
    const drawn = area.line ? L.polyline : L.polygon;
    const shape = drawn(area.ring.map(([lon, lat]) => [lat, lon]), {
      fill: !area.line,
      renderer: state.canvas, color: area.colour, weight: area.chosen ? 2.5 : 1.2, opacity: 0.9,
      fillColor: area.colour, fillOpacity: area.chosen ? 0.18 : 0.06, dashArray: area.dashes || null,
      interactive: Boolean(area.id),
    });
    if (area.title) shape.bindTooltip(escaped(area.title), { sticky: true });
    if (area.id) shape.on("click", () => state.pick(area.id));
    shape.addTo(state.areas);
  }
}

function drawThings(state, marks, rows) {
  state.things.clearLayers();
  state.byId = new Map();
  for (const [id, lon, lat, kind, title, faded, size] of rows) {
    const mark = marks[kind] || marks.other;
    const shape = new Mark([lat, lon], {
      renderer: state.canvas, outline: mark.outline, radius: size || 7,
      color: mark.hollow ? mark.colour : "#17212B", weight: mark.hollow ? 2 : 1,
      fillColor: mark.hollow ? "#FFFFFF" : mark.colour, fillOpacity: faded ? 0.25 : 0.95, opacity: faded ? 0.45 : 1,
    });
    if (title) shape.bindTooltip(() => escaped(title), { direction: "top", offset: [0, -6] });
    shape.on("click", () => { state.fromMap = id; state.pick(id); });
    shape.addTo(state.things);
    state.byId.set(id, shape);
  }
}

function drawChosen(state, id) {
  state.chosen.clearLayers();
  const shape = state.byId && state.byId.get(id);
  if (!shape) return;
  L.circleMarker(shape.getLatLng(), {
    renderer: state.canvas, radius: 14, color: "#17212B", weight: 2.5, fill: false, interactive: false,
  }).addTo(state.chosen);
}

function focus(state, view) {
  if (!view || !view.bounds) return;
  const [west, south, east, north] = view.bounds;
  const bounds = L.latLngBounds([south, west], [north, east]);
  if (state.fromMap && state.fromMap === view.about && state.map.getBounds().contains(bounds)) return;
  state.map.fitBounds(bounds, FIT);
}

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  let state = maps.get(parentElement);
  if (!state) {
    state = build(parentElement);
    maps.set(parentElement, state);
  }
  state.pick = (id) => setTriggerValue("pick", id);
  state.box.style.height = `${data.height_px}px`;
  state.box.setAttribute("aria-label", data.title || "");
  state.map.invalidateSize({ animate: false });
  once(state, "base", data.base.key, () => drawBase(state, data.base.layers));
  once(state, "tiles", JSON.stringify(data.tiles), () => drawRasters(state, data.tiles));
  once(state, "areas", JSON.stringify(data.areas), () => drawAreas(state, data.areas));
  const redrawn = once(state, "things", data.things.key, () => drawThings(state, data.marks, data.things.rows));
  if (once(state, "chosen", data.chosen, () => {}) || redrawn) drawChosen(state, data.chosen);
  once(state, "view", data.view && data.view.key, () => focus(state, data.view));
  state.fromMap = null;
  drawGraticule(state);
  drawNames(state);
  state.box.dataset.ready = "true";
  state.box.yxMap = state;
  return () => {
    state.watcher.disconnect();
    state.map.off("moveend zoomend resize", state.redraw);
    state.map.remove();
    maps.delete(parentElement);
  };
}
