// Shows tiles z/y/x.jpg with Leaflet. A classic script, since pages from file:// may load no modules. picture.js calls
// gigadream with what it knows of the picture, and while a render runs it is inserted again and again. Positions are pixels of the picture: a latitude is y, a longitude x.
"use strict";

(function () {
  var TILE = 256, WAIT = 4000, FADE = 250; // pixels; ms between two looks at a render; of Leaflet's fading
  var shown = null, next = null; // {map, picture}: on top, and the one that loads below it
  var told = "", asked = 0, timer = 0; // the last picture as text; how often it was asked for; the next time

  // Sizes of the levels, from one tile to the picture.
  function sizesOf(picture) {
    var sizes = [[picture.rows, picture.cols]];
    while (sizes.length < picture.levels) {
      sizes.unshift([Math.ceil(sizes[0][0] / 2), Math.ceil(sizes[0][1] / 2)]);
    }
    return sizes;
  }

  // A pixel of the picture is a pixel of the screen at the zoom `top`; y goes down.
  function systemOf(top) {
    return L.extend({}, L.CRS.Simple, {
      transformation: new L.Transformation(1, 0, 1, 0),
      scale: function (zoom) { return Math.pow(2, zoom - top); },
      zoom: function (scale) { return Math.log(scale) / Math.LN2 + top; }
    });
  }

  // A number in a tile's name; where there are many, thousands are folders.
  function part(number, count, shard) {
    return count > shard ? Math.floor(number / shard) + "/" + number % shard : String(number);
  }

  var Tiles = L.TileLayer.extend({
    getTileUrl: function (at) {
      var size = this.options.sizes[at.z], shard = this.options.shard;
      return [this.options.tree, at.z, part(at.y, Math.ceil(size[0] / TILE), shard),
        part(at.x, Math.ceil(size[1] / TILE), shard)].join("/") + ".jpg";
    },
    // Beyond the picture a tile repeats its edge, which is not shown.
    createTile: function (at, done) {
      var tile = L.TileLayer.prototype.createTile.call(this, at, done), size = this.options.sizes[at.z];
      var below = Math.max(0, 1 - (size[0] - at.y * TILE) / TILE), right = Math.max(0, 1 - (size[1] - at.x * TILE) / TILE);
      if (below > 0 || right > 0) {
        tile.style.clipPath = "inset(0 " + 100 * right + "% " + 100 * below + "% 0)";
      }
      return tile;
    }
  });

  // The place in the address: #zoom/y/x.
  function placeOf(hash) {
    var numbers = hash.replace(/^#/, "").split("/").map(Number);
    return numbers.length === 3 && numbers.every(isFinite) ? {zoom: numbers[0], at: [numbers[1], numbers[2]]} : null;
  }

  function keepPlace(map) {
    var written = "";
    map.on("moveend", function () {
      var at = map.getCenter();
      written = "#" + [+map.getZoom().toFixed(2), Math.round(at.lat), Math.round(at.lng)].join("/");
      if (location.hash !== written) {
        history.replaceState(null, "", written);
      }
    });
    window.addEventListener("hashchange", function () {
      var place = placeOf(location.hash);
      if (place && location.hash !== written) {
        map.setView(place.at, place.zoom);
      }
    });
  }

  // A length of 1, 2 or 5 times a power of ten, in cm of the print.
  function roundLength(most) {
    var power = Math.pow(10, Math.floor(Math.log(most) / Math.LN10)), times = most / power;
    return power * (times >= 5 ? 5 : times >= 2 ? 2 : 1);
  }

  function lengthText(cm) {
    var shown = cm < 0.0995 ? [cm * 10000, "µm"] : cm < 0.995 ? [cm * 10, "mm"] : cm < 99.5 ? [cm, "cm"] : [cm / 100, "m"];
    return +shown[0].toPrecision(1) + " " + shown[1];
  }

  function addScale(map, dpi, top) {
    var scale = L.control({position: "bottomleft"}), bar = L.DomUtil.create("div", "page-scale"), WIDTH = 120;
    function update() {
      var pixel = 2.54 / dpi * Math.pow(2, top - map.getZoom()), length = roundLength(WIDTH * pixel);
      bar.style.width = length / pixel + "px";
      bar.textContent = lengthText(length);
    }
    scale.onAdd = function () { return bar; };
    scale.addTo(map);
    map.on("zoomend", update);
    update();
  }

  function toggleFull() {
    if (document.fullscreenElement) {
      document.exitFullscreen();
    } else if (document.documentElement.requestFullscreen) {
      document.documentElement.requestFullscreen().catch(function () {});
    }
  }

  function addFull(map) {
    var control = L.control({position: "topleft"});
    if (!document.fullscreenEnabled) {
      return;
    }
    control.onAdd = function () {
      var bar = L.DomUtil.create("div", "leaflet-bar"), link = L.DomUtil.create("a", "page-full", bar);
      link.href = "#";
      link.title = "Full screen (f)";
      link.setAttribute("role", "button");
      link.setAttribute("aria-label", "Full screen");
      link.innerHTML = '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path fill="none"' +
        ' stroke="currentColor" stroke-width="2" d="M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4"/></svg>';
      L.DomEvent.on(link, "click", L.DomEvent.stop).on(link, "click", toggleFull).disableClickPropagation(bar);
      return bar;
    };
    control.addTo(map);
  }

  document.addEventListener("keydown", function (event) {
    if (event.key === "f" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      toggleFull();
    }
  });

  // A link to the page that tells how the picture was made.
  function addMade(map) {
    var control = L.control({position: "topleft"});
    control.onAdd = function () {
      var bar = L.DomUtil.create("div", "leaflet-bar"), link = L.DomUtil.create("a", "page-made", bar);
      link.href = "made.html";
      link.title = "How it was made";
      link.setAttribute("aria-label", "How it was made");
      link.textContent = "i";
      L.DomEvent.disableClickPropagation(bar);
      return bar;
    };
    control.addTo(map);
  }

  // Left of the line is the input, right of it the dream.
  function addSlider(map, pane) {
    var slider = document.getElementById("slider"), line = document.getElementById("line");
    function update() {
      var size = map.getSize(), x = size.x * slider.value / slider.max;
      var begin = map.containerPointToLayerPoint([x, 0]), end = map.containerPointToLayerPoint(size);
      pane.style.clip = "rect(" + [begin.y, end.x, end.y, begin.x].join("px,") + "px)";
      line.style.left = x + "px";
    }
    document.getElementById("compare").hidden = false;
    slider.addEventListener("input", update);
    map.on("move zoomend viewreset resize", update);
    update();
  }

  function addTiles(map, picture, bounds) {
    var top = picture.levels - 1, options = {sizes: sizesOf(picture), shard: picture.shard, bounds: bounds,
      noWrap: true, minZoom: -2, maxNativeZoom: top, maxZoom: top + 3, minNativeZoom: 0, keepBuffer: 1};
    map.createPane("dream").style.zIndex = 250;
    var layers = [new Tiles("", L.extend({tree: picture.live ? "live/" + picture.live.done : "dream", pane: "dream"}, options))];
    if (picture.input) {
      layers.unshift(new Tiles("", L.extend({tree: "input"}, options)));
    }
    layers.forEach(function (layer) { layer.addTo(map); });
    return layers;
  }

  // What the map on top shows, in positions of another picture.
  function placeIn(picture) {
    var before = shown.picture, at = shown.map.getCenter(), ratio = before.cols / picture.cols;
    return {zoom: shown.map.getZoom() - before.levels + picture.levels + Math.log(ratio) / Math.LN2,
      at: [at.lat * picture.rows / before.rows, at.lng / ratio]};
  }

  // The element of the page, or for the next map another one below it.
  function makeBox() {
    var box = document.getElementById("map"), below = box.cloneNode(false);
    if (!shown) {
      return box;
    }
    below.className = "map";
    below.removeAttribute("style");
    box.parentNode.insertBefore(below, box);
    return below;
  }

  function makeMap(picture, bounds) {
    var top = picture.levels - 1, place = shown ? placeIn(picture) : picture.live ? null : placeOf(location.hash);
    // The whole picture may fit between two zooms, and so may a place of the canvas before.
    var map = L.map(makeBox(), {crs: systemOf(top), minZoom: -2, maxZoom: top + 3, wheelPxPerZoomLevel: 90,
      attributionControl: false, maxBounds: bounds.pad(0.5), maxBoundsViscosity: 0.8, zoomSnap: 0});
    map.on("zoomend", function () {
      map.getContainer().classList.toggle("between", map.getZoom() % 1 !== 0);
    });
    if (place) {
      map.setView(place.at, place.zoom, {animate: false});
    } else {
      map.fitBounds(bounds, {padding: [8, 8], maxZoom: picture.live ? top + 3 : top});
    }
    map.options.zoomSnap = picture.live ? 0 : 1;
    addFull(map);
    if (picture.made) {
      addMade(map);
    }
    if (picture.dpi[0] > 0) {
      addScale(map, picture.dpi[0], top);
    }
    return map;
  }

  // A map that is on top.
  function begin(what) {
    shown = what;
    say(what.picture);
    document.title = "Dream, " + what.picture.cols + " x " + what.picture.rows + " pixels";
    if (!what.picture.live) {
      keepPlace(what.map);
    }
    if (what.picture.input) {
      addSlider(what.map, what.map.getPane("dream"));
    }
    what.map.fire("moveend");
    window.gigadreamMap = what.map; // for tests, and for whoever wants to add to the page
  }

  function remove(what) {
    var box = what.map.getContainer();
    what.map.remove();
    box.remove();
  }

  function swap(what) {
    var focused = shown.map.getContainer().contains(document.activeElement);
    remove(shown);
    next = null;
    begin(what);
    if (focused) {
      what.map.getContainer().focus();
    }
  }

  // The next map takes the place of the one on top when its tiles have faded in, so that nothing flashes. From a slow
  // host they come later.
  function replace(what, layers) {
    var old = shown.map, last = Date.now() + 2 * WAIT, looks = 0; // that found all tiles loaded
    function look() {
      if (next !== what) {
        return;
      }
      looks = layers.some(function (layer) { return layer.isLoading(); }) ? 0 : looks + 1;
      if (old.dragging.moving() || (looks < 2 && Date.now() < last)) {
        setTimeout(look, FADE);
      } else {
        swap(what);
      }
    }
    if (next) {
      remove(next);
    }
    next = what;
    old.on("moveend", function () {
      if (next === what) {
        var place = placeIn(what.picture);
        what.map.setView(place.at, place.zoom, {animate: false});
      }
    });
    look();
  }

  function show(picture) {
    var bounds = L.latLngBounds([[0, 0], [picture.rows, picture.cols]]), map = makeMap(picture, bounds);
    var layers = addTiles(map, picture, bounds);
    if (picture.live) {
      layers[0].once("tileerror", function () { askIn(0); }); // there are newer ones
    }
    if (shown) {
      replace({map: map, picture: picture}, layers);
    } else {
      begin({map: map, picture: picture});
    }
  }

  function say(picture) {
    var line = document.getElementById("live"), live = picture.live;
    document.getElementById("missing").hidden = true;
    line.hidden = !live;
    if (live) {
      line.textContent = live.done === 0 ? "The render runs; this page will show its first octave." :
        "Octave " + live.done + " of " + live.octaves + ", " + picture.cols + " x " + picture.rows +
        " pixels; this page follows the render.";
    }
  }

  // A page from file:// may read no data, but it may insert a script again; the number keeps it from old copies.
  function ask() {
    var script = document.createElement("script");
    script.src = "picture.js?" + ++asked;
    script.onload = script.onerror = function (event) {
      script.remove();
      if (event.type === "error") {
        askIn(WAIT);
      }
    };
    document.head.appendChild(script);
  }

  function askIn(ms) {
    clearTimeout(timer);
    timer = setTimeout(ask, ms);
  }

  window.gigadream = function (picture) {
    var text = JSON.stringify(picture);
    if (picture.live) {
      askIn(WAIT);
    }
    if (text === told) {
      return;
    }
    told = text;
    if (picture.levels > 0) {
      show(picture);
    } else {
      say(picture);
    }
  };
}());
