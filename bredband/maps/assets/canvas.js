// A canvas that follows a Leaflet map: somewhat larger than the view, so that a pan moves it
// without painting until it comes near the edge, and scaled while a zoom is under way.

const REST_MS = 350; // after a pan of so long rest the canvas is centred again

const FollowingCanvas = L.Renderer.extend({
  initialize(paint, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this._paint = paint;
  },

  repaint() {
    if (!this._map) return;
    this._painted = undefined;
    this._asked ??= requestAnimationFrame(() => {
      this._asked = undefined;
      if (this._map && !this._map._animatingZoom) this._update();
    });
  },

  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.setAttribute("aria-hidden", "true");
    this._container.className = "following-canvas";
  },

  _destroyContainer() {
    clearTimeout(this._resting);
    this._container.remove();
    this._container = undefined;
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    clearTimeout(this._resting);
    if (this._stillCovers()) {
      this._resting = setTimeout(() => this.repaint(), REST_MS);
      return;
    }
    L.Renderer.prototype._update.call(this);
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const size = this._bounds.getSize();
    const canvas = this._container;
    L.DomUtil.setPosition(canvas, this._bounds.min);
    canvas.width = Math.round(size.x * ratio);
    canvas.height = Math.round(size.y * ratio);
    canvas.style.width = `${size.x}px`;
    canvas.style.height = `${size.y}px`;
    const scale = 2 ** (this._map.getZoom() - UNIT_ZOOM);
    const corner = this._map.getPixelOrigin().add(this._bounds.min);
    const shift = [ORIGIN[0] * scale - corner.x, ORIGIN[1] * scale - corner.y];
    this._paint(canvas.getContext("2d"), viewOf(this._map.getZoom(), scale, shift, size, ratio));
    this._painted = { zoom: this._map.getZoom(), size: this._map.getSize(), origin: this._map.getPixelOrigin() };
  },

  // Whether what is painted still fills the view. What is painted by its place in the view,
  // as a swipe between two plans, is «bound» to it and never does.
  _stillCovers() {
    const [map, painted] = [this._map, this._painted];
    if (!painted || this.options.isBound?.()) return false;
    const corner = map.containerPointToLayerPoint([0, 0]);
    return map.getZoom() === painted.zoom && map.getSize().equals(painted.size) &&
      map.getPixelOrigin().equals(painted.origin) && this._bounds.contains(L.bounds(corner, corner.add(painted.size)));
  },

  _updatePaths() {},
});

// What a painter needs to know: px(x) and py(y) give canvas pixels, box is what is seen.
function viewOf(zoom, scale, [shiftX, shiftY], size, ratio) {
  return {
    zoom, scale, shiftX, shiftY, ratio,
    width: size.x,
    height: size.y,
    box: [-shiftX / scale, -shiftY / scale, (size.x - shiftX) / scale, (size.y - shiftY) / scale],
    inPixels: (context) => context.setTransform(ratio, 0, 0, ratio, 0, 0),
    inWorld: (context) =>
      context.setTransform(ratio * scale, 0, 0, ratio * scale, ratio * shiftX, ratio * shiftY),
  };
}
